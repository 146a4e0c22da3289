/** How many letters of a text fit into a width, measured with the window's own font. */

let pen: CanvasRenderingContext2D | null | undefined;

/** Where nothing can be measured: what an average letter of an email takes at 12 px. */
const AVERAGE = 6.7;
/** A part of a text may have wider letters than the whole. */
const CAUTION = 0.96;

function widthOf(text: string, size: number): number {
  if (pen === undefined) pen = document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * AVERAGE;
  pen.font = `400 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

export function lettersThatFit(text: string, room: number, size: number): number {
  const width = widthOf(text, size);
  if (width <= room) return text.length;
  return Math.floor(((room * CAUTION) / width) * text.length);
}

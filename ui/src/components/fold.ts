/** Folding for the eye: which letters of a text were meant by the folded words that the desk says it searched for. */

const STROKES: Record<string, string> = { ø: "o", ł: "l", đ: "d", ħ: "h", ı: "i", ŧ: "t", ß: "ss", ς: "σ" };
// Japanese voicing changes the letter (か / が), unlike an accent.
const VOICING = /[\u3099\u309a]/;

function foldLetter(letter: string): string {
  const bare = letter
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, (mark) => (VOICING.test(mark) ? mark : ""));
  return [...bare]
    .map((c) => STROKES[c] ?? c)
    .join("")
    .normalize("NFC");
}

/** Case, accents and compatibility forms folded away. */
export function fold(text: string): string {
  return [...text].map(foldLetter).join("");
}

export interface Range {
  start: number;
  end: number;
}

/** Where the folded words occur in `text`, in positions of `text`, merged and in order. */
export function matches(text: string, words: readonly string[]): Range[] {
  let folded = "";
  const origin: number[] = [];
  let at = 0;
  for (const letter of text) {
    const f = foldLetter(letter);
    for (let i = 0; i < f.length; i += 1) origin.push(at);
    folded += f;
    at += letter.length;
  }
  origin.push(text.length);
  const found: Range[] = [];
  for (const word of words) {
    if (word === "") continue;
    for (let from = folded.indexOf(word); from !== -1; from = folded.indexOf(word, from + word.length)) {
      const last = origin[from + word.length - 1] as number;
      const end = last + String.fromCodePoint(text.codePointAt(last) as number).length;
      found.push({ start: origin[from] as number, end });
    }
  }
  found.sort((a, b) => a.start - b.start);
  const merged: Range[] = [];
  for (const range of found) {
    const previous = merged.at(-1);
    if (previous && range.start <= previous.end) previous.end = Math.max(previous.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

export interface Piece {
  text: string;
  /** Marked as found. */
  hit: boolean;
  /** A cut: shown as an ellipsis. */
  gap: boolean;
}

/** Room that a match at the start or the end left over goes to both sides of the last cut. */
function widen(text: string, kept: Range[], room: number): void {
  const [before, after] = kept.slice(-2);
  if (!before || !after || kept.length < 2) return;
  const used = kept.reduce((sum, range) => sum + range.end - range.start, kept.length - 1);
  const left = Math.max(0, room - used);
  before.end += Math.ceil(left / 2);
  after.start -= Math.floor(left / 2);
  if (before.end + 1 >= after.start) {
    before.end = after.end;
    kept.pop();
    return;
  }
  while (before.end > before.start + 1 && text[before.end - 1] === ".") before.end -= 1;
  while (after.start < after.end - 1 && text[after.start] === ".") after.start += 1;
}

/**
 * Cuts a long text in the middle so that about `room` letters remain, among them the start, the first match and the end.
 */
export function cutAround(text: string, found: readonly Range[], room: number): Piece[] {
  const kept: Range[] = [];
  const keep = (start: number, end: number) =>
    kept.push({ start: Math.max(0, start), end: Math.min(text.length, end) });
  if (text.length <= room) {
    keep(0, text.length);
  } else {
    let tail = Math.max(4, Math.floor(room * 0.1));
    // A full stop beside the ellipsis reads as part of it.
    while (tail > 1 && text[text.length - tail] === ".") tail -= 1;
    const first = found[0];
    if (!first) {
      const head = Math.ceil((room - 1) / 2);
      keep(0, head);
      keep(text.length - (room - 1 - head), text.length);
    } else {
      const length = Math.min(first.end - first.start, Math.max(4, room - tail - 4));
      const spare = Math.max(0, room - 2 - tail - length);
      let head = Math.floor(spare * 0.4);
      while (head > 1 && text[head - 1] === ".") head -= 1;
      const around = spare - head;
      keep(0, head);
      let after = first.start + length + Math.floor(around / 2);
      while (after > first.end && text[after - 1] === ".") after -= 1;
      keep(first.start - Math.ceil(around / 2), after);
      keep(text.length - tail, text.length);
    }
  }
  const merged: Range[] = [];
  for (const range of kept.filter((r) => r.end > r.start)) {
    const previous = merged.at(-1);
    // An ellipsis in place of a single letter hides it and saves nothing.
    if (previous && range.start <= previous.end + 1) previous.end = Math.max(previous.end, range.end);
    else merged.push({ ...range });
  }
  widen(text, merged, room);
  const pieces: Piece[] = [];
  let seen = 0;
  for (const range of merged) {
    if (range.start > seen) pieces.push({ text: "…", hit: false, gap: true });
    let at = range.start;
    for (const hit of found) {
      const start = Math.max(hit.start, at);
      const end = Math.min(hit.end, range.end);
      if (start >= end) continue;
      if (start > at) pieces.push({ text: text.slice(at, start), hit: false, gap: false });
      pieces.push({ text: text.slice(start, end), hit: true, gap: false });
      at = end;
    }
    if (at < range.end) pieces.push({ text: text.slice(at, range.end), hit: false, gap: false });
    seen = range.end;
  }
  return pieces;
}

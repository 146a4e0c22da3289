/** A text with what was searched marked in it; long texts are cut in the middle so that the match stays visible. */
import { cutAround, matches } from "./fold";

export function Marked({ text, words, room }: { text: string; words: readonly string[]; room: number }) {
  const pieces = cutAround(text, matches(text, words), room);
  let at = 0;
  return pieces.map((piece) => {
    at += 1;
    return piece.hit ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>;
  });
}

/** Parts of texts. Pure. */

const WORD = /^\s*(?:[\p{L}\p{M}\p{N}_$]+|[^\p{L}\p{M}\p{N}_$\s]+)?/u;

/** The first word of a text with the blanks before it, or a run of punctuation. */
export function firstWord(text: string): string {
  return WORD.exec(text)?.[0] ?? text;
}

/** How many UTF-16 units the first `count` characters of a line are. */
export function unitsOf(text: string, count: number): number {
  const line = text.slice(0, 2 * count).split('\n', 1)[0] ?? '';
  return [...line].slice(0, count).join('').length;
}

/** The last units of a text, not more than `most`; no character is cut in two. */
export function tailOf(text: string, most: number): string {
  const start = Math.max(0, text.length - most);
  return text.slice(isSecondHalf(text, start) ? start + 1 : start);
}

/** The first units of a text, not more than `most`; no character is cut in two. */
export function headOf(text: string, most: number): string {
  const end = Math.min(text.length, most);
  return text.slice(0, isSecondHalf(text, end) ? end - 1 : end);
}

function isSecondHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff;
}

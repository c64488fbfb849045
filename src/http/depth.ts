/** Refuses bodies that are nested too deeply. */

/** Recursive code overflows the stack on deeper values; Kubernetes objects have about 20 levels. */
const MOST_LEVELS = 1_000;
/**
 * Shorter texts are not checked: the check would take as long as parsing, and even 128,000 levels, the most that fit, are
 * parsed in about 25 ms (measured on Bun and Node).
 */
const UNCHECKED_LENGTH = 256 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** @returns whether JSON text is nested too deeply to parse; invalid JSON is left to the parser */
export function isTooDeep(text: string): boolean {
  if (text.length <= UNCHECKED_LENGTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = findEnd(text, i);
    // `[` and `{` differ in one bit, as do `]` and `}`.
    else if ((code | 0x20) === 0x7b && ++depth > MOST_LEVELS) return true;
    else if ((code | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** @returns the index of the closing quote of the string that begins at `start` */
function findEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  return text.length;
}

/** How deep a body may be nested. */

/** Deeper ones overflow the stack of whoever walks them; objects in Kubernetes have some 20 levels. */
const MOST_LEVELS = 1_000;
/**
 * Shorter texts are not looked at: looking would take as long as parsing, and the deepest of them is parsed in some 25 ms
 * (measured on Bun and Node: 128,000 levels).
 */
const UNCHECKED_LENGTH = 256 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** @returns whether JSON text is nested too deep to be parsed; text that is no JSON is for its parser to refuse. */
export function isTooDeep(text: string): boolean {
  if (text.length <= UNCHECKED_LENGTH) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = findEnd(text, i);
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    else if ((code | 0x20) === 0x7b && ++depth > MOST_LEVELS) return true;
    else if ((code | 0x20) === 0x7d) depth--;
  }
  return false;
}

/** @returns where the string that begins at `start` ends. */
function findEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  return text.length;
}

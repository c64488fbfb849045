/**
 * Globs of the configuration, for annotation keys, projects, labels and so on: `*` matches any run of characters,
 * including `/`; every other character matches itself.
 */

/**
 * Compiles patterns into one function that returns whether any of them matches the whole text.
 *
 * Each pattern scans the text once from the left, however many stars it has. A regular expression would backtrack on
 * patterns such as `a*a*a*b`, and pods choose the text that is matched.
 *
 * @example
 * const isLocked = compileGlobs(["vault.hashicorp.com/auth-*"]);
 * isLocked("vault.hashicorp.com/auth-path"); // true
 */
export function compileGlobs(patterns: readonly string[]): (text: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const starred = patterns.filter((pattern) => pattern.includes("*")).map(compileStarred);
  return (text) => exact.has(text) || starred.some((matches) => matches(text));
}

// The first and the last piece are anchored. Each piece between takes its first match from the left; this is enough,
// because an earlier match never leaves less room for the pieces after it.
function compileStarred(pattern: string): (text: string) => boolean {
  const pieces = pattern.split("*");
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  const between = pieces.slice(1, -1).filter((piece) => piece !== "");
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of between) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}

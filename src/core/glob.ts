/**
 * Globs as the configuration writes them, for annotation keys, projects, labels and the rest: `*` is any run of
 * characters, `/` included, and nothing else is special.
 */

/**
 * Compiles patterns into one test that is true when any of them matches the whole text.
 *
 * A text is searched once from the left for each pattern, however many stars that has. No regular expression is built:
 * `a*a*a*b` would backtrack there, and pods choose the text that is matched.
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

// The first and the last piece are anchored; those between are found greedily from the left, which is enough since
// a star takes any run: an earlier find never leaves less room for what follows.
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

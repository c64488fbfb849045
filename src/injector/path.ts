/** Path functions of Go's packages path and path/filepath on Linux. */

/** @returns two parts joined and cleaned; empty parts are ignored */
export function joinPath(folder: string, file: string): string {
  const joined = [folder, file].filter((part) => part !== "").join("/");
  return joined === "" ? "" : cleanPath(joined);
}

/** @returns the shortest equivalent path (path.Clean) */
export function cleanPath(path: string): string {
  if (isClean(path)) return path;
  const isAbsolute = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (!isAbsolute && (kept.length === 0 || kept.at(-1) === ".."))) kept.push(part);
    else kept.pop();
  }
  const cleaned = (isAbsolute ? "/" : "") + kept.join("/");
  return cleaned === "" ? "." : cleaned;
}

/** Nearly every path is clean already; a path that only looks unusual is cleaned to itself. */
function isClean(path: string): boolean {
  return path.length > 1 && !path.startsWith(".") && !path.endsWith("/") && !/\/[./]/.test(path);
}

/** Lists the files of a `--config` path: the file itself, the files of a folder, or those that match a glob. */
import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { compileGlobs } from "../core/glob.ts";
import { configIssues } from "../core/issue/config.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";

// The JSON Schema beside the example is not a configuration.
const CONFIG_FILE = /(?<!\.schema)\.(?:ya?ml|json)$/;

/** Lists the files of a path, sorted by name. */
export async function listFiles(path: string): Promise<Result<readonly string[]>> {
  if (path.includes("*")) return orNone(await matchGlob(path), path);
  switch (await kindOf(path)) {
    case "file":
      return success([path]);
    case "folder":
      return orNone(await listFolder(path), path);
    case "missing":
      return failure([configIssues["config.file-missing"]({ file: path }, { path })]);
  }
}

function orNone(files: readonly string[], path: string): Result<readonly string[]> {
  return isNonEmpty(files)
    ? success(files)
    : failure([configIssues["config.files-none"]({ path }, { path })]);
}

async function listFolder(folder: string): Promise<readonly string[]> {
  const names = await visibleNames(folder, (name) => CONFIG_FILE.test(name));
  return onlyFiles(names.map((name) => join(folder, name)));
}

// A segment with a star is compared with the names in its folder; other segments are used unchanged.
async function matchGlob(pattern: string): Promise<readonly string[]> {
  const absolute = pattern.startsWith("/") || pattern.startsWith(sep);
  let found = [absolute ? sep : ""];
  for (const segment of pattern.split(/[/\\]/).filter((part) => part !== "")) {
    if (!segment.includes("*")) {
      found = found.map((folder) => join(folder, segment));
      continue;
    }
    const matches = compileGlobs([segment]);
    const names = await Promise.all(
      found.map(async (folder) => (await visibleNames(folder, matches)).map((name) => join(folder, name))),
    );
    found = names.flat();
  }
  return onlyFiles(found);
}

// A mounted ConfigMap contains `..data` and `..2026_01_01…` beside links into them. The links are followed; without skipping
// names with a leading dot, each file would be read twice.
async function visibleNames(folder: string, matches: (name: string) => boolean): Promise<readonly string[]> {
  const names = await readdir(folder === "" ? "." : folder).catch((): string[] => []);
  return names.filter((name) => !name.startsWith(".") && matches(name)).sort(byBytes);
}

async function onlyFiles(paths: readonly string[]): Promise<readonly string[]> {
  const kinds = await Promise.all(paths.map(kindOf));
  return paths.filter((_, index) => kinds[index] === "file");
}

async function kindOf(path: string): Promise<"file" | "folder" | "missing"> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "missing";
  return found.isDirectory() ? "folder" : "file";
}

// Independent of the locale, so files are merged in the same order on every machine.
function byBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

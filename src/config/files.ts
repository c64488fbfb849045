/** Lists the files of a `--config` path: the file itself, the files of a folder, or those that match a glob. */
import { join, sep } from "node:path";
import { compileGlobs } from "../core/glob.ts";
import { configIssues } from "../core/issue/config.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { Disk } from "./disk.ts";

// The JSON Schema beside the example is not a configuration.
const CONFIG_FILE = /(?<!\.schema)\.(?:ya?ml|json)$/;

/** Lists the files of a path, sorted by name. */
export async function listFiles(path: string, disk: Disk): Promise<Result<readonly string[]>> {
  if (path.includes("*")) return orNone(await matchGlob(path, disk), path);
  switch (await kindOf(path, disk)) {
    case "file":
      return success([path]);
    case "folder":
      return orNone(await listFolder(path, disk), path);
    case "missing":
      return failure([configIssues["config.file-missing"]({ file: path }, { path })]);
  }
}

function orNone(files: readonly string[], path: string): Result<readonly string[]> {
  return isNonEmpty(files)
    ? success(files)
    : failure([configIssues["config.files-none"]({ path }, { path })]);
}

async function listFolder(folder: string, disk: Disk): Promise<readonly string[]> {
  const names = await visibleNames(folder, (name) => CONFIG_FILE.test(name), disk);
  return onlyFiles(
    names.map((name) => join(folder, name)),
    disk,
  );
}

// A segment with a star is compared with the names in its folder; other segments are used unchanged.
async function matchGlob(pattern: string, disk: Disk): Promise<readonly string[]> {
  const absolute = pattern.startsWith("/") || pattern.startsWith(sep);
  let found = [absolute ? sep : ""];
  for (const segment of pattern.split(/[/\\]/).filter((part) => part !== "")) {
    if (!segment.includes("*")) {
      found = found.map((folder) => join(folder, segment));
      continue;
    }
    const matches = compileGlobs([segment]);
    const names = await Promise.all(
      found.map(async (folder) =>
        (await visibleNames(folder, matches, disk)).map((name) => join(folder, name)),
      ),
    );
    found = names.flat();
  }
  return onlyFiles(found, disk);
}

// A mounted ConfigMap contains `..data` and `..2026_01_01…` beside links into them. The links are followed; without skipping
// names with a leading dot, each file would be read twice.
async function visibleNames(
  folder: string,
  matches: (name: string) => boolean,
  disk: Disk,
): Promise<readonly string[]> {
  const names = await disk.readdir(folder === "" ? "." : folder).catch((): readonly string[] => []);
  return names.filter((name) => !name.startsWith(".") && matches(name)).sort(byBytes);
}

async function onlyFiles(paths: readonly string[], disk: Disk): Promise<readonly string[]> {
  const kinds = await Promise.all(paths.map((path) => kindOf(path, disk)));
  return paths.filter((_, index) => kinds[index] === "file");
}

async function kindOf(path: string, disk: Disk): Promise<"file" | "folder" | "missing"> {
  const found = await disk.stat(path).catch(() => undefined);
  if (found === undefined) return "missing";
  return found.isDirectory() ? "folder" : "file";
}

// Independent of the locale, so files are merged in the same order on every machine.
function byBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

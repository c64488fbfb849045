/**
 * Copies of plugins' folders, each in a folder named by the hash of its content. No runtime can unload or reload a module, so
 * a changed plugin needs a new path to be imported again, together with everything that it imports. An unchanged one keeps
 * its path and is not imported twice. A restarted thread runs the code that its engine was built with, even if the original
 * file has changed since.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Snapshot, Snapshots } from "./snapshot.ts";

const PACKAGE_ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Prefix of the folders that hold copies. */
const COPIES = "flyte-vault-webhook-";
const SOURCE = /\.(?:[cm]?[jt]s|json)$/;
const MOST_FILES = 500;
const MOST_BYTES = 10 * 1024 * 1024;

/** Creates an empty set of copies in the system's folder for temporary files. */
export function createCopies(): Snapshots {
  const kept = new Map<string, { users: number; readonly folder: Promise<string> }>();
  let taken = 0;
  let root: Promise<string> | undefined;

  const fillNew = async (digest: string, fill: (folder: string) => Promise<void>): Promise<string> => {
    root ??= mkdtemp(join(tmpdir(), COPIES));
    taken++;
    // Numbered, because an older copy with the same digest may still be in the middle of its deletion.
    const folder = join(await root, `${digest}-${taken}`);
    await fill(folder);
    return folder;
  };

  const keep = async (
    digest: string,
    entry: string,
    files: readonly string[],
    origin: string,
    fill: (folder: string) => Promise<void>,
  ): Promise<Snapshot> => {
    const copy = kept.get(digest) ?? { users: 0, folder: fillNew(digest, fill) };
    kept.set(digest, copy);
    copy.users++;
    let isReleased = false;
    const release = async () => {
      if (isReleased) return;
      isReleased = true;
      copy.users--;
      if (copy.users > 0) return;
      kept.delete(digest);
      await rm(await copy.folder, { recursive: true, force: true });
    };
    const at = await copy.folder;
    const toOriginal = (text: string) =>
      text.replaceAll(pathToFileURL(at).href, pathToFileURL(origin).href).replaceAll(at, origin);
    return { url: pathToFileURL(join(at, entry)).href, digest, files, toOriginal, release };
  };

  return {
    take: async (file) => {
      const path = resolve(file);
      if (!(await stat(path)).isFile()) throw new Error("it is not a file");
      const folder = dirname(path);
      const contents = await readSources(folder);
      const digest = hash([path, ...[...contents].flat()]);
      const files = [...contents.keys()].map((name) => join(folder, name));
      return keep(digest, relative(folder, path), files, folder, async (copy) => {
        for (const [name, text] of contents) await write(join(copy, name), text);
        if (!contents.has("package.json")) await write(join(copy, "package.json"), '{"type":"module"}');
        await linkPackages(copy, folder);
      });
    },
    takePackage: async (name, from) => {
      const found = findPackage(name, from);
      if (found === undefined) throw new Error(`no package of this name is installed at ${from} or above`);
      const manifest = await readFile(join(found, "package.json"), "utf8");
      const text = `export { default } from ${JSON.stringify(name)};\n`;
      return keep(hash([name, manifest]), "plugin.mjs", [join(found, "package.json")], from, async (copy) => {
        await write(join(copy, "plugin.mjs"), text);
        await linkPackages(copy, from);
      });
    },
    close: async () => {
      if (root) await rm(await root, { recursive: true, force: true });
    },
  };
}

/** @returns source files by relative path, without node_modules and names with a leading dot (a ConfigMap's links) */
async function readSources(folder: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  let bytes = 0;
  const walk = async (at: string): Promise<void> => {
    const names = (await readdir(at)).toSorted();
    for (const name of names) {
      // If the plugin itself is in the temporary folder, do not copy the copies.
      if (name.startsWith(".") || name === "node_modules" || name.startsWith(COPIES)) continue;
      const path = join(at, name);
      const found = await stat(path);
      if (found.isDirectory()) await walk(path);
      if (!found.isFile() || !SOURCE.test(name)) continue;
      bytes += found.size;
      if (contents.size >= MOST_FILES || bytes > MOST_BYTES) {
        throw new Error(`its folder ${folder} holds more than ${MOST_FILES} source files or 10 MiB of them`);
      }
      contents.set(relative(folder, path).split(sep).join("/"), await readFile(path, "utf8"));
    }
  };
  await walk(folder);
  return contents;
}

/** Links packages into a copy: those installed beside the plugin, and always this package and valibot. */
async function linkPackages(copy: string, folder: string): Promise<void> {
  const packages = join(copy, "node_modules");
  await mkdir(packages, { recursive: true });
  const links = new Map([
    ["flyte-vault-webhook", PACKAGE_ROOT],
    ["valibot", folderOfPackage("valibot")],
  ]);
  const near = findUp(folder, "node_modules");
  for (const name of near === undefined ? [] : await readdir(near)) {
    if (!name.startsWith(".") && !links.has(name)) links.set(name, join(near ?? "", name));
  }
  await Promise.all([...links].map(([name, target]) => symlink(target, join(packages, name), "dir")));
}

/** Found through the package's main file, because `exports` may hide its package.json. */
function folderOfPackage(name: string): string {
  const file = createRequire(import.meta.url).resolve(name);
  const folder = join("node_modules", name);
  return file.slice(0, file.lastIndexOf(folder) + folder.length);
}

function findPackage(name: string, from: string): string | undefined {
  const folder = name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
  return findUp(from, join("node_modules", folder)) ?? findUp(PACKAGE_ROOT, join("node_modules", folder));
}

function findUp(from: string, name: string): string | undefined {
  for (let at = resolve(from); ; at = dirname(at)) {
    if (existsSync(join(at, name))) return join(at, name);
    if (at === dirname(at)) return undefined;
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function hash(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

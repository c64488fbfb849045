/** Reads and writes the files of `certs`, without losing an existing key. */
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { MadeCertificates } from "../tls/create.ts";

/** A file: its name, its text and its mode. */
interface File {
  readonly name: string;
  readonly mode: number;
  readonly of: (made: MadeCertificates) => string;
}

const PUBLIC = 0o644;
const PRIVATE = 0o600;
const FILES: readonly File[] = [
  { name: "ca.crt", mode: PUBLIC, of: ({ ca }) => ca.cert },
  { name: "ca.key", mode: PRIVATE, of: ({ ca }) => ca.key },
  { name: "tls.crt", mode: PUBLIC, of: ({ server }) => server.cert },
  { name: "tls.key", mode: PRIVATE, of: ({ server }) => server.key },
];
const isOfServer = ({ name }: File): boolean => name.startsWith("tls.");

/** Lines of .gitignore. The star covers the names that files have while they are written. */
const IGNORED = FILES.filter(({ mode }) => mode === PRIVATE).map(({ name }) => `/${name}*`);

/** @returns paths of existing files that a first run would overwrite */
export async function findExisting(folder: string): Promise<readonly string[]> {
  const paths = FILES.map(({ name }) => join(folder, name));
  const found = await Promise.all(paths.map(exists));
  return paths.filter((_, i) => found[i]);
}

/** @returns the CA of an earlier run, or which of its files cannot be read and why */
export async function readAuthority(folder: string): Promise<Result<MadeCertificates["ca"]>> {
  const read = async (name: string) => {
    const file = join(folder, name);
    try {
      return success(await readFile(file, "utf8"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return failure([tlsIssues["tls.authority-unreadable"]({ file, reason })]);
    }
  };
  const cert = await read("ca.crt");
  const key = await read("ca.key");
  if (!cert.ok) return cert;
  return key.ok ? success({ cert: cert.value, key: key.value }) : key;
}

/**
 * Writes the files, with keys readable by their owner only. Files are replaced atomically: a reader sees the old text or the new.
 *
 * @param how `renew` writes the server's files only; without `renew` and `force`, an existing file is an error
 * @returns paths of the files that were written
 */
export async function writeCertificates(
  folder: string,
  made: MadeCertificates,
  { renew, force }: { readonly renew: boolean; readonly force: boolean },
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const ignore = await hideFromGit(folder);
  const paths: string[] = ignore === undefined ? [] : [ignore];
  for (const file of renew ? FILES.filter(isOfServer) : FILES) {
    const path = join(folder, file.name);
    // Write to a new name first: overwriting an existing file would keep its mode.
    const first = renew || force ? `${path}.new` : path;
    if (first !== path) await rm(first, { force: true });
    await writeFile(first, file.of(made), { flag: "wx", mode: file.mode });
    if (first !== path) await rename(first, path);
    paths.push(path);
  }
  return paths;
}

/**
 * Keeps `git add` from adding the keys if the folder is in a checkout. Call it before the keys are written. It uses the
 * folder's own .gitignore, which overrides those above it (gitignore(5)).
 *
 * @returns path of the .gitignore that was written or extended; absent if nothing had to change
 */
async function hideFromGit(folder: string): Promise<string | undefined> {
  if (!(await isInCheckout(folder))) return undefined;
  const path = join(folder, ".gitignore");
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  // In a .gitignore later lines override earlier ones, so these must be the last.
  const last = lines.filter((line) => line !== "").slice(-IGNORED.length);
  if (IGNORED.every((line, index) => last[index] === line)) return undefined;
  await appendFile(path, `${text === "" || text.endsWith("\n") ? "" : "\n"}${IGNORED.join("\n")}\n`);
  return path;
}

/** A checkout has `.git` at its root: a folder, or a file in worktrees and submodules. */
async function isInCheckout(folder: string): Promise<boolean> {
  if (await exists(join(folder, ".git"))) return true;
  const above = dirname(folder);
  return above !== folder && isInCheckout(above);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

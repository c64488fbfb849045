/** The files of `certs`: which there are, the CA read back, all of them written without losing one. */
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { MadeCertificates } from "./deps.ts";

/** A PEM text, where it belongs, and who may read it. */
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

/** @returns paths of the files that a first run would write over. */
export async function findExisting(folder: string): Promise<readonly string[]> {
  const paths = FILES.map(({ name }) => join(folder, name));
  const exists = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, i) => exists[i]);
}

/** @returns the CA of an earlier run; or which of its files cannot be read, and why. */
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
 * Writes them, keys for their owner only. What is replaced is replaced whole: a reader meets the old text or the new one.
 *
 * @param how `renew` writes the server's files only; without it and without `force`, a file that exists is an error
 * @returns paths of the files that were written
 */
export async function writeCertificates(
  folder: string,
  made: MadeCertificates,
  { renew, force }: { readonly renew: boolean; readonly force: boolean },
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const file of renew ? FILES.filter(isOfServer) : FILES) {
    const path = join(folder, file.name);
    // Written anew under another name, since the mode of a file that exists is kept when it is written over.
    const first = renew || force ? `${path}.new` : path;
    if (first !== path) await rm(first, { force: true });
    await writeFile(first, file.of(made), { flag: "wx", mode: file.mode });
    if (first !== path) await rename(first, path);
    paths.push(path);
  }
  return paths;
}

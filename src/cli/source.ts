/** Reads the input of commands: files, folders of manifests, standard input. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cliIssues } from "../core/issue/cli.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { CliIo } from "./io.ts";

/** A text, and its name in messages. */
export interface InputText {
  readonly name: string;
  readonly text: string;
}

/** Longest input, bytes: enough for 10,000 pods from kubectl; stops reading an endless device. */
const FILE_LIMIT = 128 * 1024 * 1024;

const MANIFEST = /\.(?:ya?ml|json)$/;

/**
 * Reads files, folders (their *.yaml, *.yml and *.json, in name order) and standard input (`-`).
 *
 * @param paths as `-f` takes them, relative to the working folder
 * @returns the texts in order, or an issue for each that cannot be read
 */
export async function readSources(
  paths: readonly string[],
  io: CliIo,
): Promise<Result<readonly InputText[]>> {
  if (paths.filter((path) => path === "-").length > 1) return failure([cliIssues["cli.input-twice"]({})]);
  const issues: Issue[] = [];
  const sources: InputText[] = [];
  for (const path of paths) {
    for (const name of await listManifests(path, io.cwd, issues)) {
      const text = await readText(name, io, issues);
      if (text !== undefined) sources.push({ name: name === "-" ? "stdin" : name, text });
    }
  }
  return isNonEmpty(issues) ? failure(issues) : success(sources);
}

async function listManifests(path: string, cwd: string, issues: Issue[]): Promise<readonly string[]> {
  if (path === "-") return [path];
  try {
    if (!(await stat(resolve(cwd, path))).isDirectory()) return [path];
    const entries = await readdir(resolve(cwd, path), { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && MANIFEST.test(entry.name));
    if (names.length === 0) issues.push(cliIssues["cli.folder-empty"]({ folder: path }));
    // Sorted by UTF-16 units, which is the same in every locale.
    return names.map(({ name }) => join(path, name)).sort();
  } catch (error) {
    issues.push(cliIssues["cli.input-unreadable"]({ file: path, reason: reasonOf(error) }));
    return [];
  }
}

async function readText(name: string, io: CliIo, issues: Issue[]): Promise<string | undefined> {
  const file = name === "-" ? "stdin" : name;
  try {
    const bytes = await collect(name === "-" ? io.readStdin() : createReadStream(resolve(io.cwd, name)));
    if (!bytes) {
      issues.push(cliIssues["cli.input-too-large"]({ file, limit: FILE_LIMIT }));
      return undefined;
    }
    // NUL is valid UTF-8 but never occurs in a manifest.
    const text = bytes.includes(0) ? undefined : decodeUtf8(bytes);
    if (text === undefined) issues.push(cliIssues["cli.input-binary"]({ file }));
    return text;
  } catch (error) {
    issues.push(cliIssues["cli.input-unreadable"]({ file, reason: reasonOf(error) }));
    return undefined;
  }
}

/** @returns the bytes; `undefined` if there are more than the limit */
async function collect(chunks: AsyncIterable<unknown>): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const bytes = chunk instanceof Uint8Array ? chunk : encodeUtf8(String(chunk));
    size += bytes.length;
    if (size > FILE_LIMIT) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

const encoder = new TextEncoder();
// Keep a byte order mark: Go treats one in a request as content. YAML readers skip one at the start of a file.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @returns the text as UTF-8 */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @returns the text, or `undefined` if the bytes are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Removes the path at the end of Node's message, which the issue already names. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.split(",")[0] ?? error.message;
}

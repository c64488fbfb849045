/** Reads what commands are asked to look at: files, folders of manifests, standard input. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cliIssues } from "../core/issue/cli.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { CliIo } from "./io.ts";

/** A text, and the name by which messages call it. */
export interface InputText {
  readonly name: string;
  readonly text: string;
}

/** Room for a list of 10,000 pods as kubectl prints it; an endless device ends here. */
const FILE_LIMIT = 128 * 1024 * 1024;

const MANIFEST = /\.(?:ya?ml|json)$/;

/**
 * Reads files, folders (their *.yaml, *.yml and *.json, in name order) and standard input (`-`).
 *
 * @param paths as `-f` takes them, relative to the working folder
 * @returns the texts in order, or everything that cannot be read
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
    // By UTF-16 units, not by locale: the same on every machine.
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
    // A NUL is valid UTF-8, but no manifest has one.
    const text = bytes.includes(0) ? undefined : decodeUtf8(bytes);
    if (text === undefined) issues.push(cliIssues["cli.input-binary"]({ file }));
    return text;
  } catch (error) {
    issues.push(cliIssues["cli.input-unreadable"]({ file, reason: reasonOf(error) }));
    return undefined;
  }
}

/** @returns nothing where there is more than may be read. */
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
// A byte order mark in a request is part of it, as Go reads it; YAML readers skip one at the head of a file.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @returns bytes of UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @returns the text, or nothing where the bytes are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Node's own message ends with the path, which ours names already. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.split(",")[0] ?? error.message;
}

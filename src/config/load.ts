/** Reads configuration files; parse.ts does everything else. */
import { resolve } from "node:path";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import type { Env } from "./env.ts";
import { listFiles } from "./files.ts";
import { type Parsed, parseSources } from "./parse.ts";
import type { ConfigSource } from "./read.ts";
import type { Config } from "./schema.ts";

/** A configuration and its origin. */
export interface LoadedConfig {
  readonly config: Config;
  /** Every file that was read, in the order of merging. */
  readonly files: readonly string[];
  /** The file with the `plugins` list in force; relative paths in the list are relative to it. */
  readonly pluginsFile: string | undefined;
  /** Positions of the configuration's annotations, by key, as `FILE:LINE:COLUMN: `. */
  readonly places: Readonly<Record<string, string>>;
  /** Dotted paths of values from the environment, which must not be shown. */
  readonly fromEnv: readonly string[];
}

/** `parseSources`, or the same in a thread (thread.ts). */
export type ParseSources = (
  ...given: Parameters<typeof parseSources>
) => Result<Parsed> | Promise<Result<Parsed>>;

/** How a load reads. */
export interface Reading {
  readonly parse?: ParseSources | undefined;
  readonly disk?: Disk | undefined;
}

/** Longest file, bytes: the size limit of a Kubernetes ConfigMap. */
export const FILE_LIMIT = 1024 * 1024;
/** Total size of all files, bytes. */
const FILES_LIMIT = 4 * FILE_LIMIT;

/**
 * Loads and merges configuration files.
 *
 * @param paths files, globs (`*`) and folders; a later one wins, within a folder or glob the later name
 * @param env variables for `${env:NAME}`, such as `process.env`
 * @param reading how the texts are parsed, by default in this thread, and how files are read
 * @returns the configuration, or every error, each with its file
 */
export async function loadConfig(
  paths: readonly string[],
  env: Env,
  { parse = parseSources, disk = nodeDisk }: Reading = {},
): Promise<Result<LoadedConfig>> {
  const listed = await Promise.all(paths.map((path) => listFiles(path, disk)));
  const files = once(listed.flatMap((result) => (result.ok ? result.value : [])));
  const sources: ConfigSource[] = [];
  const issues: Issue[] = listed.flatMap((result) => result.issues);
  let size = 0;
  // Sequentially, so that no more is read than the limits allow.
  for (const file of files) {
    const read = await readText(file, disk);
    if (read.ok) {
      sources.push({ content: read.value.text, file, isFile: true });
      size += read.value.size;
    } else issues.push(...read.issues);
    if (size > FILES_LIMIT) return failure([configIssues["config.files-too-large"]({ limit: FILES_LIMIT })]);
  }
  // Parse even if a file is missing, to report the errors of the others as well.
  const parsed = await parse(sources, env, isNonEmpty(issues));
  const all = [...issues, ...parsed.issues];
  return parsed.ok && issues.length === 0
    ? success({ ...parsed.value, files }, all)
    : failure(isNonEmpty(all) ? all : [configIssues["config.files-none"]({ path: paths.join(", ") })]);
}

// A file that two paths name is read once, at its first position.
function once(files: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const file of files) if (!seen.has(resolve(file))) seen.set(resolve(file), file);
  return [...seen.values()];
}

/** A file's text, and its size in bytes. */
interface Read {
  readonly text: string;
  readonly size: number;
}

async function readText(file: string, disk: Disk): Promise<Result<Read>> {
  try {
    const found = await disk.stat(file);
    // Reading a pipe without a writer would never end.
    if (!found.isFile()) throw new Error("it is a pipe or device");
    const bytes = found.size > FILE_LIMIT ? undefined : await disk.readFile(file);
    // Check again: a file may have grown, and some filesystems report no size.
    if (bytes === undefined || bytes.length > FILE_LIMIT) {
      return failure([configIssues["config.file-too-large"]({ file, limit: FILE_LIMIT }, { path: file })]);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return success({ text, size: bytes.length });
  } catch (thrown) {
    // Node's message ends with the path, which the issue already names.
    const reason = thrown instanceof TypeError ? "it is not UTF-8 text" : reasonOf(thrown);
    return failure([configIssues["config.file-unreadable"]({ file, reason }, { path: file })]);
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split(",")[0] ?? thrown.message) : String(thrown);
}

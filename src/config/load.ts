/** The adapter that reads configuration files; everything that decides is in parse.ts. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { Env } from "./env.ts";
import { listFiles } from "./files.ts";
import { type Parsed, parseSources } from "./parse.ts";
import type { ConfigSource } from "./read.ts";
import type { Config } from "./schema.ts";

/** A configuration and where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Every file read, in the order of merging; to be watched for changes. */
  readonly files: readonly string[];
  /** The file whose `plugins` list is in force: relative paths in it are relative to this file. */
  readonly pluginsFile: string | undefined;
  /** Where the configuration's annotations stand, by key: `FILE:LINE:COLUMN: `. */
  readonly places: Readonly<Record<string, string>>;
  /** Dotted paths of values that came from the environment, which are not to be shown. */
  readonly fromEnv: readonly string[];
}

/** Parses sources: `parseSources`, or the same in a thread (thread.ts). */
export type ParseSources = (
  ...given: Parameters<typeof parseSources>
) => Result<Parsed> | Promise<Result<Parsed>>;

/** Longest file, bytes: what a ConfigMap of Kubernetes holds. */
export const FILE_LIMIT = 1024 * 1024;
/** All files together, bytes. */
const FILES_LIMIT = 4 * FILE_LIMIT;

/**
 * Loads and merges configuration files.
 *
 * @param paths files, globs (`*`) and folders; a later one wins, within a folder or glob the later name
 * @param env variables for `${env:NAME}`, such as `process.env`
 * @param parse parses the files' texts; in this thread by default
 * @returns the configuration, or every reason why there is none, each naming its file
 */
export async function loadConfig(
  paths: readonly string[],
  env: Env,
  parse: ParseSources = parseSources,
): Promise<Result<LoadedConfig>> {
  const listed = await Promise.all(paths.map(listFiles));
  const files = once(listed.flatMap((result) => (result.ok ? result.value : [])));
  const sources: ConfigSource[] = [];
  const issues: Issue[] = listed.flatMap((result) => result.issues);
  let size = 0;
  // One after the other, so that no more is read than the limits allow.
  for (const file of files) {
    const read = await readText(file);
    if (read.ok) {
      sources.push({ content: read.value.text, file, isFile: true });
      size += read.value.size;
    } else issues.push(...read.issues);
    if (size > FILES_LIMIT) return failure([configIssues["config.files-too-large"]({ limit: FILES_LIMIT })]);
  }
  // A file that is missing does not hide what is wrong with the others.
  const parsed = await parse(sources, env, isNonEmpty(issues));
  const all = [...issues, ...parsed.issues];
  return parsed.ok && issues.length === 0
    ? success({ ...parsed.value, files }, all)
    : failure(isNonEmpty(all) ? all : [configIssues["config.files-none"]({ path: paths.join(", ") })]);
}

// A file that two paths name is read where it is first named.
function once(files: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const file of files) if (!seen.has(resolve(file))) seen.set(resolve(file), file);
  return [...seen.values()];
}

/** A file's text, and its bytes. */
interface Read {
  readonly text: string;
  readonly size: number;
}

async function readText(file: string): Promise<Result<Read>> {
  try {
    const found = await stat(file);
    // A pipe that nobody writes to would be waited for without end.
    if (!found.isFile()) throw new Error("it is a pipe or device");
    const bytes = found.size > FILE_LIMIT ? undefined : await readFile(file);
    // Looked at again: a file may grow meanwhile, and some systems report no size.
    if (bytes === undefined || bytes.length > FILE_LIMIT) {
      return failure([configIssues["config.file-too-large"]({ file, limit: FILE_LIMIT }, { path: file })]);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return success({ text, size: bytes.length });
  } catch (thrown) {
    // Node's own message begins with the code (EACCES, …) and ends with the path, which ours names already.
    const reason = thrown instanceof TypeError ? "it is not UTF-8 text" : reasonOf(thrown);
    return failure([configIssues["config.file-unreadable"]({ file, reason }, { path: file })]);
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split(",")[0] ?? thrown.message) : String(thrown);
}

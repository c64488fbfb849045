/** The adapter that reads configuration files; everything that decides is in parse.ts. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { Env } from "./env.ts";
import { listFiles } from "./files.ts";
import { parseSources } from "./parse.ts";
import type { Source } from "./read.ts";
import type { Config } from "./schema.ts";

/** A configuration and where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Every file read, in the order of merging; to be watched for changes. */
  readonly files: readonly string[];
  /** The file whose `plugins` list is in force: relative paths in it are relative to this file. */
  readonly pluginsFile: string | undefined;
}

/**
 * Loads and merges configuration files.
 *
 * @param paths files, globs (`*`) and folders; a later one wins, within a folder or glob the later name
 * @param env variables for `${env:NAME}`, such as `process.env`
 * @returns the configuration, or every reason why there is none, each naming its file
 */
export async function loadConfig(paths: readonly string[], env: Env): Promise<Result<LoadedConfig>> {
  const listed = await Promise.all(paths.map(listFiles));
  const files = once(listed.flatMap((result) => (result.ok ? result.value : [])));
  const issues: Issue[] = listed.flatMap((result) => result.issues);
  const sources = await Promise.all(files.map((file) => readText(file, issues)));
  const read = sources.filter((source) => source !== undefined);
  // A file that is missing does not hide what is wrong with the others.
  const parsed = parseSources(read, env, isNonEmpty(issues));
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

async function readText(file: string, issues: Issue[]): Promise<Source | undefined> {
  try {
    // A pipe that nobody writes to would be waited for without end.
    if (!(await stat(file)).isFile()) throw new Error("it is a pipe or device");
    const bytes = await readFile(file);
    return { content: new TextDecoder("utf-8", { fatal: true }).decode(bytes), file, isFile: true };
  } catch (thrown) {
    // Node's own message begins with the code (EACCES, …) and ends with the path, which ours names already.
    const reason = thrown instanceof TypeError ? "it is not UTF-8 text" : reasonOf(thrown);
    issues.push(configIssues["config.file-unreadable"]({ file, reason }, { path: file }));
    return undefined;
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split(",")[0] ?? thrown.message) : String(thrown);
}

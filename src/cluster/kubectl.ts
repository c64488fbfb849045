/**
 * The user's own kubectl as a child process: its login plugins, proxies and contexts work as they do on the command line.
 * Nothing here changes a cluster: a command that could is a defect, and throws.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { Env } from "../config/env.ts";
import { clusterIssues } from "../core/issue/cluster.ts";
import { failure, type Result, success } from "../core/result.ts";

/** How kubectl is run. */
export interface KubectlOptions {
  /** Variables of the process: `PATH` finds kubectl, `KUBECONFIG` the cluster. */
  readonly env: Env;
  /** Folder that relative paths of its arguments are relative to. */
  readonly cwd: string;
  /** Text for its standard input. */
  readonly input?: string;
}

/** A kubectl that runs. */
export interface KubectlRun {
  /** What it writes, in pieces. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when it has ended: well, or with its own words. */
  readonly ended: Promise<Result<void>>;
  /** Ends it. */
  readonly stop: () => void;
}

/** Verbs that read; `create` only together with a dry run. */
const READING = new Set(["get", "logs", "version", "auth", "port-forward", "config"]);
const DRY_RUN = "--dry-run=server";
/** The end of what it says on standard error: enough for its last sentences. */
const LONGEST_REASON = 4_000;

/** Starts kubectl. */
export function startKubectl(args: readonly string[], { env, cwd, input }: KubectlOptions): KubectlRun {
  mustRead(args);
  const child = spawn("kubectl", args, { env: { ...env }, cwd, stdio: ["pipe", "pipe", "pipe"] });
  // kubectl may end before it has read its input.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  return { chunks: readChunks(child.stdout), ended: waitFor(child, args), stop: () => child.kill() };
}

/** @returns all that kubectl wrote, or why it failed. */
export async function readKubectl(args: readonly string[], options: KubectlOptions): Promise<Result<string>> {
  const { chunks, ended } = startKubectl(args, options);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const result = await ended;
  return result.ok ? success(Buffer.concat(parts).toString("utf8")) : result;
}

/** A stream that ends early is no error here: how the process ended says more. */
async function* readChunks(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch {
    // See above.
  }
}

function waitFor(child: ChildProcess, args: readonly string[]): Promise<Result<void>> {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-LONGEST_REASON);
  });
  return new Promise((resolve) => {
    child.on("error", (error) => {
      const isMissing = "code" in error && error.code === "ENOENT";
      const reason = error.message;
      const command = describe(args);
      resolve(
        failure([
          isMissing
            ? clusterIssues["cluster.kubectl-missing"]({ command })
            : clusterIssues["cluster.kubectl-failed"]({ command, reason }),
        ]),
      );
    });
    child.on("close", (code) => {
      if (code === 0) return resolve(success(undefined));
      const reason = words.trim() || `it ended with ${code === null ? "a signal" : `code ${code}`}`;
      resolve(failure([clusterIssues["cluster.kubectl-failed"]({ command: describe(args), reason })]));
    });
  });
}

function mustRead(args: readonly string[]): void {
  const [verb = ""] = args.filter((arg) => !arg.startsWith("-"));
  const isDry = verb === "create" && args.includes(DRY_RUN);
  if (!READING.has(verb) && !isDry) throw new Error(`kubectl ${verb} could change the cluster`);
}

function describe(args: readonly string[]): string {
  return `kubectl ${args.join(" ")}`;
}

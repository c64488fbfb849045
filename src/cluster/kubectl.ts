/**
 * Runs the user's kubectl as a child process, so that its login plugins, proxies and contexts work as usual. Only reading
 * commands are allowed: a command that could change the cluster throws.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { Env } from "../config/env.ts";
import { clusterIssues } from "../core/issue/cluster.ts";
import { failure, type Result, success } from "../core/result.ts";

/** The environment of kubectl. */
export interface KubectlOptions {
  /** Variables of the process: `PATH` finds kubectl, `KUBECONFIG` the cluster. */
  readonly env: Env;
  /** Working folder. */
  readonly cwd: string;
  /** Text for its standard input. */
  readonly input?: string;
}

/** A running kubectl. */
export interface KubectlRun {
  /** Its standard output. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when it has ended, with its error message if it failed. */
  readonly ended: Promise<Result<void>>;
  /** Ends it. */
  readonly stop: () => void;
}

/** Verbs that read. `create` is allowed only with a dry run. */
const READING = new Set(["get", "logs", "version", "auth", "port-forward", "config"]);
const DRY_RUN = "--dry-run=server";
/** How many characters at the end of standard error are kept. */
const LONGEST_REASON = 4_000;

/** Starts kubectl. */
export function startKubectl(args: readonly string[], { env, cwd, input }: KubectlOptions): KubectlRun {
  mustRead(args);
  const child = spawn("kubectl", args, { env: { ...env }, cwd, stdio: ["pipe", "pipe", "pipe"] });
  // Without a listener, an error would be thrown if kubectl ends before it has read its input.
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  return { chunks: readChunks(child.stdout), ended: waitFor(child, args), stop: () => child.kill() };
}

/** @returns kubectl's complete output, or why it failed */
export async function readKubectl(args: readonly string[], options: KubectlOptions): Promise<Result<string>> {
  const { chunks, ended } = startKubectl(args, options);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const result = await ended;
  return result.ok ? success(Buffer.concat(parts).toString("utf8")) : result;
}

/** Ignores a stream that ends early: the exit of the process has the reason. */
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

/** Reads objects from files, standard input or kubectl one at a time, so that memory does not grow with their number. */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { cliIssues } from "../core/issue/cli.ts";
import type { Issue } from "../core/issue/issue.ts";
import { createItemReader } from "../preview/input/items.ts";
import type { ClusterDeps } from "./deps.ts";
import type { CliIo } from "./io.ts";

/** Called for each object, in order; the next one is read when it resolves. */
export type TakeItem = (item: unknown) => void | Promise<void>;

/**
 * Reads the objects of a file or of standard input (`-`).
 *
 * @returns what went wrong; objects before the error have been processed
 */
export async function readItems(path: string, io: CliIo, take: TakeItem): Promise<readonly Issue[]> {
  const chunks = path === "-" ? io.readStdin() : createReadStream(resolve(io.cwd, path));
  try {
    return await takeAll(chunks, take);
  } catch (error) {
    if (!(error instanceof Error && ("syscall" in error || "errno" in error))) throw error;
    const reason = error.message.split(",")[0] ?? error.message;
    return [cliIssues["cli.input-unreadable"]({ file: path === "-" ? "stdin" : path, reason })];
  }
}

/** Reads the objects that kubectl prints; if kubectl fails, only its failure is returned. */
export async function readClusterItems(
  args: readonly string[],
  io: CliIo,
  cluster: ClusterDeps,
  take: TakeItem,
): Promise<readonly Issue[]> {
  const run = await cluster.start(args, io);
  const issues = await takeAll(run.chunks, take);
  const ended = await run.ended;
  // If kubectl fails, its output ends early; that syntax error is not worth reporting.
  return ended.ok ? issues : ended.issues;
}

async function takeAll(chunks: AsyncIterable<unknown>, take: TakeItem): Promise<readonly Issue[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = createItemReader();
  const hand = async (text: string | undefined): Promise<readonly Issue[]> => {
    if (text === undefined) return [cliIssues["cli.input-binary"]({ file: "the input" })];
    const items = reader.push(text);
    if (!items.ok) return items.issues;
    for (const item of items.value) await take(item);
    return [];
  };
  for await (const chunk of chunks) {
    const issues = await hand(decode(decoder, chunk));
    if (issues.length > 0) return issues;
  }
  const rest = reader.end();
  if (!rest.ok) return rest.issues;
  for (const item of rest.value) await take(item);
  return [];
}

function decode(decoder: TextDecoder, chunk: unknown): string | undefined {
  try {
    return chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk);
  } catch {
    return undefined;
  }
}

/** Runs in the preview thread: builds a copy of the serving engine and makes previews with it, one at a time. */

import { platform, setPriority } from "node:os";
import process from "node:process";
import type { MessagePort } from "node:worker_threads";
import type { Engine } from "../../core/engine.ts";
import { type Result, success } from "../../core/result.ts";
import type { Settings } from "../../core/settings.ts";
import { createPreviewMaker, type PreviewReply } from "../../preview/job.ts";
import { createEngine } from "../engine.ts";
import type { PluginEvent } from "../plugin/event.ts";
import { createLoader } from "../plugin/load.ts";
import { createMemoryWatch } from "../plugin/memory-watch.ts";
import { createSnapshots } from "../plugin/snapshot.ts";
import type { Watched } from "../plugin/start.ts";
import { limitRate } from "../rate.ts";
import type { FromThread, ParseCandidate, PreviewSetup, PreviewWorkerData, ToThread } from "./protocol.ts";

/** After a body longer than this, garbage is collected: parsed as YAML, a body takes two hundred times its size. */
const LARGE = 64 * 1024;
/** The lowest priority: the main thread gets nearly all of a core that both threads compete for (sched(7)). */
const NICENESS = 19;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Answers preview messages on a port until the thread is terminated.
 *
 * @param parseCandidate parses a candidate configuration, without access to environment variables
 * @param ended see `PreviewWorkerData`
 */
export function servePreviews(
  port: MessagePort,
  parseCandidate: ParseCandidate,
  { ended }: PreviewWorkerData,
): void {
  yieldToAdmissions();
  const send = (message: FromThread) => port.postMessage(message);
  const report = (event: PluginEvent) => send({ kind: "event", event });
  const memory = createMemoryWatch({
    report: (plugin, detail) => report({ kind: "memory", plugin, detail }),
  });
  let current: Current | undefined;
  const build = (settings: Settings): Promise<Result<Engine>> => {
    if (!current) throw new Error("a preview came without a setup");
    return buildEngine(settings, current.setup, { memory, report, ended, threads: 1 });
  };
  const closeCurrent = async () => {
    const built = await current?.engine;
    current = undefined;
    if (built?.ok) await built.value.close();
  };
  const make = createPreviewMaker({
    encodeUtf8: (text) => encoder.encode(text),
    decode: (body) => decoder.decode(body),
    yieldControl: async () => {},
    borrow: async () => {
      if (!current) throw new Error("a preview came without a setup");
      current.engine ??= build(current.setup.settings);
      const built = await current.engine;
      // Kept for the next preview, so it is not closed.
      return built.ok ? success({ engine: built.value, giveBack: async () => {} }) : built;
    },
    borrowCandidate: async (config) => {
      const parsed = parseCandidate(config);
      if (!parsed.ok) return parsed;
      const built = await build(parsed.value);
      return built.ok ? success({ engine: built.value, giveBack: () => built.value.close() }) : built;
    },
  });

  const handle = async (message: ToThread): Promise<void> => {
    if (message.kind === "close") {
      await closeCurrent();
      return send({ kind: "closed" });
    }
    if (message.setup) {
      await closeCurrent();
      current = { setup: message.setup, engine: undefined };
    }
    const isLarge = message.order.body.length > LARGE;
    sendReply(port, await make(message.order));
    // Bun collects a worker's garbage too late: its heap grew beyond the container's memory. Node and Deno collect in time.
    if (isLarge && "Bun" in globalThis) Bun.gc(true);
  };
  // An error outside of any preview, such as a promise that a plugin left behind, must not end the thread.
  const tell = (detail: string) => report({ kind: "stray", plugin: "preview", detail });
  const tellStray = limitRate(tell, (count) => tell(`${count} more errors outside of previews were dropped`));
  for (const name of ["unhandledRejection", "uncaughtException"] as const) {
    process.on(name, (error: unknown) => tellStray(toReason(error)));
  }
  port.on("message", (message: ToThread) => {
    handle(message).catch((error) => send({ kind: "failed", reason: toReason(error) }));
  });
}

/** This thread's copy of the serving engine. */
interface Current {
  readonly setup: PreviewSetup;
  /** Built by the first preview that needs it. */
  engine: Promise<Result<Engine>> | undefined;
}

/** Builds an engine from the copies that the serving engine runs, with one thread for each isolated plugin. */
function buildEngine(
  settings: Settings,
  { file, known }: PreviewSetup,
  watched: Watched,
): Promise<Result<Engine>> {
  // The snapshots stay empty: `known` already names a copy of every plugin.
  const loader = createLoader({ file, known, snapshots: createSnapshots(), ...watched });
  return createEngine(settings, {
    resolvePlugin: loader.resolvePlugin,
    reportPluginFailure: ({ plugin, code, error }) =>
      watched.report({ kind: "failed", plugin, detail: `${code}: ${toReason(error)}` }),
  });
}

/** Lowers the priority of this thread. Linux only: elsewhere a niceness applies to the whole process (setpriority(2)). */
function yieldToAdmissions(): void {
  if (platform() !== "linux") return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // A sandbox may forbid it; then previews run with the same priority as admissions.
  }
}

function sendReply(port: MessagePort, reply: PreviewReply): void {
  if (reply.kind !== "answered" || typeof reply.body !== "string") {
    port.postMessage({ kind: "reply", reply } satisfies FromThread);
    return;
  }
  const body = encoder.encode(reply.body);
  const message: FromThread = { kind: "reply", reply: { kind: "answered", body } };
  port.postMessage(message, [body.buffer]);
}

function toReason(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

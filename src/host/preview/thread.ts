/**
 * The main thread's side of the preview thread. A whole preview runs there, reviews included, with a second copy of the
 * engine: parsing 1 MiB of YAML takes a second, and a hostile document or plugin would otherwise delay every pod that is
 * created meanwhile.
 */
import { Worker } from "node:worker_threads";
import type { MakePreview, PreviewOrder, PreviewReply } from "../../preview/job.ts";
import type { PluginEvent } from "../plugin/event.ts";
import type { MemoryWatch } from "../plugin/memory-watch.ts";
import type { FromThread, PreviewSetup, PreviewWorkerData, ToThread } from "./protocol.ts";

/** The setup of the serving engine; its plugin copies are not deleted until `letGo` is called. */
interface HeldSetup {
  /** The same object for as long as the same engine serves. */
  readonly setup: PreviewSetup;
  /** Call it after the preview. */
  readonly letGo: () => void;
}

/** The thread's code, and its limits. */
export interface PreviewThreadOptions {
  /** The module that the thread runs; it must call `servePreviews`. */
  readonly script: URL;
  /** @returns the setup of the engine that handles new reviews */
  readonly hold: () => HeldSetup;
  /** Ends the thread if the process is about to run out of memory during a preview. */
  readonly memory: MemoryWatch;
  readonly report: (event: PluginEvent) => void;
  /** Longest duration of a preview, seconds. */
  readonly longestSeconds: number;
  /** Time without a preview after which the thread ends, milliseconds; a minute by default. */
  readonly idleMs?: number;
}

/** Makes previews in a thread that starts with the first one. */
export interface PreviewThread {
  /** Makes one preview; call it again only after the previous one has ended (http/turns.ts). */
  readonly make: MakePreview;
  /** Whether the thread exists now. */
  readonly isRunning: () => boolean;
  readonly close: () => void;
}

const IDLE_MS = 60_000;
/** A preview may run this much longer after its client disconnects: most end by then, and a new thread costs more. */
const GRACE_MS = 500;
/** How long the thread's plugins may take to end. */
const CLOSE_MS = 1_000;

/** Creates the maker of previews. A preview that takes too long is ended with its thread; the next one starts a new thread. */
export function createPreviewThread(options: PreviewThreadOptions): PreviewThread {
  const { idleMs = IDLE_MS } = options;
  let running: Running | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(idle);
    running?.retire();
    running = undefined;
  };
  return {
    close,
    isRunning: () => running !== undefined,
    make: async (order, signal) => {
      clearTimeout(idle);
      if (running?.isOver) running = undefined;
      running ??= new Running(options);
      const { setup, letGo } = options.hold();
      try {
        return await running.make(order, setup, signal);
      } finally {
        letGo();
        idle = setTimeout(close, idleMs);
        idle.unref();
      }
    },
  };
}

type Ending = PreviewReply | Error;

/** One thread, from its start to its end. */
class Running {
  isOver = false;
  readonly #options: PreviewThreadOptions;
  readonly #worker: Worker;
  readonly #ended = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  /** The setup that the thread has; it is sent again only if it changed. */
  #setup: PreviewSetup | undefined;
  /** Settles the current preview; does nothing if there is none. */
  #settle: (ending: Ending) => void = () => {};

  constructor(options: PreviewThreadOptions) {
    this.#options = options;
    const workerData: PreviewWorkerData = { ended: this.#ended };
    this.#worker = new Worker(options.script, { name: "preview", workerData });
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (error) => this.#end(toError(error)));
    this.#worker.on("exit", (code) => this.#end(new Error(`the thread of previews ended with code ${code}`)));
    this.#worker.unref();
  }

  make(order: PreviewOrder, setup: PreviewSetup, signal?: AbortSignal): Promise<PreviewReply> {
    const { memory, longestSeconds } = this.#options;
    const isKnown = setup === this.#setup;
    this.#setup = setup;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end({ kind: "stopped", cause: "time" }), longestSeconds * 1_000);
      let grace: ReturnType<typeof setTimeout> | undefined;
      const onAbort = () => {
        grace = setTimeout(() => this.#end({ kind: "stopped", cause: "time" }), GRACE_MS);
      };
      const unwatch = memory.add({
        plugin: "preview",
        running: () => [1],
        end: () => this.#end({ kind: "stopped", cause: "memory" }),
      });
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#settle = (ending) => {
        this.#settle = () => {};
        clearTimeout(timer);
        clearTimeout(grace);
        unwatch();
        signal?.removeEventListener("abort", onAbort);
        if (ending instanceof Error) reject(ending);
        else resolve(ending);
      };
      const message: ToThread = isKnown ? { kind: "make", order } : { kind: "make", order, setup };
      this.#worker.postMessage(message, [order.body.buffer]);
    });
  }

  /** Lets the plugins end, then ends the thread; terminates it after a second in any case. */
  retire(): void {
    if (this.isOver) return;
    this.isOver = true;
    const message: ToThread = { kind: "close" };
    this.#worker.postMessage(message);
    setTimeout(() => this.#terminate(), CLOSE_MS).unref();
  }

  #terminate(): void {
    Atomics.store(new Int32Array(this.#ended), 0, 1);
    void this.#worker.terminate();
  }

  #receive(message: FromThread): void {
    if (message.kind === "event") this.#options.report(message.event);
    else if (message.kind === "reply") this.#settle(message.reply);
    else if (message.kind === "failed") this.#settle(new Error(message.reason));
    else this.#terminate();
  }

  #end(ending: Ending): void {
    this.isOver = true;
    this.#terminate();
    this.#settle(ending);
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

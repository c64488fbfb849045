/**
 * One thread of an isolated plugin. Its messages keep their order, on which the pool relies: an answer to a ping means that
 * the synchronous part of every call sent before has run.
 */
import { isMainThread, MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Hook } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import { type FromWorker, type Ready, renderCall, renderPing, type WorkerData } from "./protocol.ts";
import type { Refusal } from "./setup.ts";

/** Callbacks through which a thread notifies its pool. */
export interface ThreadEvents {
  readonly answered: (id: number, message: FromWorker) => void;
  /** The hook of a call returned a promise, so the thread can run the next call. */
  readonly waits: (id: number) => void;
  /** The thread answered a ping. */
  readonly alive: () => void;
  readonly stray: (stack: string) => void;
  /** The plugin printed something. */
  readonly printed: (text: string) => void;
  readonly tooLarge: (bytes: number) => void;
  /** The thread ended, but not by {@link Thread.end}. */
  readonly ended: (reason: string) => void;
}

/** The plugin that a thread runs. */
export interface ThreadOptions {
  /** URL of the plugin's module. */
  readonly url: string;
  /** The entry's `with`, as JSON. */
  readonly options: string;
  readonly name: string;
  /** Bytes of heap above which the thread reports itself. */
  readonly heapLimit: number;
  /** See `WorkerData`. */
  readonly ended: SharedArrayBuffer | undefined;
}

const SCRIPT = new URL("./worker.ts", import.meta.url);
/** How long importing the module and `setup` may take together. */
const START_LIMIT_MS = 10_000;

/** A running thread. */
export class Thread {
  /** Calls whose hook has not returned yet, oldest first. */
  readonly queued = new Set<number>();
  /** Calls whose hook returned a promise that has not settled. */
  readonly waiting = new Set<number>();
  readonly started: Promise<Ready>;
  readonly #worker: Worker;
  /** Used instead of the worker's own port if this code runs in a thread itself, as for previews. */
  readonly #port: MessagePort | undefined;
  readonly #current: Int32Array;
  #isOver = false;
  #isReady = false;

  /** @param events called until the thread is ended */
  constructor({ url, options, name, heapLimit, ended }: ThreadOptions, events: ThreadEvents) {
    const current = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#current = new Int32Array(current);
    // On Deno, messages from a thread to a thread that it started arrive half a second late, except through a MessagePort.
    const channel = isMainThread ? undefined : new MessageChannel();
    this.#port = channel?.port1;
    const data: WorkerData = { url, options, current, heapLimit, ended, port: channel?.port2 };
    const transferList = channel ? [channel.port2] : [];
    // The environment may hold secrets; a plugin gets only its options.
    this.#worker = new Worker(SCRIPT, { workerData: data, transferList, env: {}, name });
    this.started = this.#start(events);
  }

  /** Id of the call whose synchronous part runs now; 0 for none. Shared memory, because a looping thread sends no messages. */
  get running(): number {
    return Atomics.load(this.#current, 0);
  }

  /** Whether setup has finished. Before that, a call would spend its timeout waiting for the start. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Asks the thread for a sign of life; it answers after the synchronous part of every call sent before. */
  ping(): void {
    this.#post(renderPing());
  }

  /** Sends a call; it counts as queued until its hook returns. */
  sendCall(id: number, hook: Hook, wire: Wire, timeout: number): void {
    this.queued.add(id);
    this.#post(renderCall({ id, hook, timeout, wire }));
  }

  /** Removes a call from the counts, so that it does not count as work of this thread; its answer is ignored. */
  forget(id: number): void {
    this.queued.delete(id);
    this.waiting.delete(id);
  }

  /** Terminates the thread immediately, even inside a loop. */
  end(): void {
    // Messages that are on their way must not reach the pool, which has given up this thread's calls.
    this.#isOver = true;
    // Not awaited: Deno cannot end a loop, so the promise may never resolve there.
    void this.#worker.terminate();
    this.#port?.close();
  }

  #post(text: string): void {
    if (this.#port) this.#port.postMessage(text);
    else this.#worker.postMessage(text);
  }

  #start(events: ThreadEvents): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new StartError("it was not ready within ten seconds")),
        START_LIMIT_MS,
      );
      const settled = () => clearTimeout(timer);
      (this.#port ?? this.#worker).on("message", (text: string) => {
        if (this.#isOver) return;
        const message: FromWorker = JSON.parse(text);
        if (message.ready) {
          settled();
          this.#isReady = true;
          resolve(message.ready);
        } else if (message.refusals) {
          settled();
          reject(new StartError("it was refused", message.refusals));
        } else this.#tell(message, events);
      });
      const over = (reason: string) => {
        // A thread that fails causes both events, and a terminated one causes the second.
        if (this.#isOver) return;
        this.#isOver = true;
        settled();
        reject(new StartError(reason));
        events.ended(reason);
      };
      this.#worker.on("error", (error: Error) => over(`its thread failed: ${error.message}`));
      this.#worker.on("exit", (code: number) => over(`its thread ended with code ${code}`));
    });
  }

  #tell(message: FromWorker, events: ThreadEvents): void {
    const { id, waits, stray, printed, heap } = message;
    if (id !== undefined) {
      this.forget(id);
      events.answered(id, message);
    } else if (waits !== undefined) {
      // A call that was forgotten in the meantime is not counted again.
      if (this.queued.delete(waits)) this.waiting.add(waits);
      events.waits(waits);
    } else if (stray !== undefined) events.stray(stray);
    else if (printed !== undefined) events.printed(printed);
    else if (heap !== undefined) events.tooLarge(heap);
    else events.alive();
  }
}

/** Why a thread could not be started. */
export class StartError extends Error {
  /** Why the plugin refused its entry; empty if the thread itself failed. */
  readonly refusals: readonly Refusal[];

  constructor(message: string, refusals: readonly Refusal[] = []) {
    super(message);
    this.refusals = refusals;
  }
}

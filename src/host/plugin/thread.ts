/** One thread of an isolated plugin: started, called, watched, ended. */
import { Worker } from "node:worker_threads";
import type { Hook } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import { type FromWorker, type Ready, renderCall, renderPing, type WorkerData } from "./protocol.ts";
import type { Refusal } from "./setup.ts";

/** What becomes of a thread, for the pool that owns it. */
export interface ThreadEvents {
  readonly answered: (id: number, message: FromWorker) => void;
  readonly alive: () => void;
  readonly stray: (stack: string) => void;
  readonly tooLarge: (bytes: number) => void;
  /** It has ended by itself. */
  readonly ended: (reason: string) => void;
}

/** What a thread is made of. */
export interface ThreadOptions {
  /** URL of the plugin's module. */
  readonly url: string;
  /** The entry's `with`, as JSON. */
  readonly options: string;
  readonly name: string;
  /** Bytes of heap that are too many. */
  readonly heapLimit: number;
}

const SCRIPT = new URL("./worker.ts", import.meta.url);
/** How long importing and setting up may take. */
const START_LIMIT_MS = 10_000;

/** A running thread. */
export class Thread {
  /** Calls that it has not answered, oldest first. */
  readonly pending = new Set<number>();
  readonly started: Promise<Ready>;
  readonly #worker: Worker;
  readonly #current: Int32Array;
  #isOver = false;
  #isReady = false;

  /** @param events told until the thread is ended */
  constructor({ url, options, name, heapLimit }: ThreadOptions, events: ThreadEvents) {
    const current = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#current = new Int32Array(current);
    const data: WorkerData = { url, options, current, heapLimit };
    // An environment may hold secrets: a plugin gets what its options say.
    this.#worker = new Worker(SCRIPT, { workerData: data, env: {}, name });
    this.started = this.#start(events);
  }

  /** The call whose synchronous part runs now; 0 for none. */
  get running(): number {
    return Atomics.load(this.#current, 0);
  }

  /** Whether it answers calls by now: starting a thread takes longer than most calls may. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Asks whether it is alive. */
  ping(id: number): void {
    this.#worker.postMessage(renderPing(id));
  }

  sendCall(id: number, hook: Hook, wire: Wire, timeout: number): void {
    this.pending.add(id);
    this.#worker.postMessage(renderCall({ id, hook, timeout, wire }));
  }

  /** Ends it at once, even in the middle of a loop. */
  end(): void {
    this.#isOver = true;
    void this.#worker.terminate();
  }

  #start(events: ThreadEvents): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new StartError("it was not ready within ten seconds")),
        START_LIMIT_MS,
      );
      const isReady = () => clearTimeout(timer);
      this.#worker.on("message", (text: string) => {
        if (this.#isOver) return;
        const message: FromWorker = JSON.parse(text);
        if (message.id !== undefined) {
          this.pending.delete(message.id);
          events.answered(message.id, message);
        } else if (message.ready) {
          isReady();
          this.#isReady = true;
          resolve(message.ready);
        } else if (message.refusals) {
          isReady();
          reject(new StartError("it was refused", message.refusals));
        } else if (message.stray !== undefined) events.stray(message.stray);
        else if (message.heap !== undefined) events.tooLarge(message.heap);
        else events.alive();
      });
      const over = (reason: string) => {
        if (this.#isOver) return;
        this.#isOver = true;
        isReady();
        reject(new StartError(reason));
        events.ended(reason);
      };
      this.#worker.on("error", (error: Error) => over(`its thread failed: ${error.message}`));
      this.#worker.on("exit", (code: number) => over(`its thread ended with code ${code}`));
    });
  }
}

/** Why a thread did not come to be. */
export class StartError extends Error {
  /** What the plugin itself refused; empty where the thread failed. */
  readonly refusals: readonly Refusal[];

  constructor(message: string, refusals: readonly Refusal[] = []) {
    super(message);
    this.refusals = refusals;
  }
}

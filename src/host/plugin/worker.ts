/**
 * Runs in an isolated plugin's thread: imports the plugin, sets it up, and calls its hooks. Messages are JSON text, because
 * structured cloning of the same objects takes three times as long.
 */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { HOOKS } from "../../core/plugin/instance.ts";
import { readThrown } from "../../core/plugin/thrown.ts";
import { readWire } from "../../core/plugin/wire.ts";
import { limitRate } from "../rate.ts";
import { describeImportError } from "./import-error.ts";
import { captureConsole } from "./printed.ts";
import { type FromWorker, HEAP_CHECK_MS, type HookCall, readMessage, type WorkerData } from "./protocol.ts";
import { describeError, type Hooks, type Refusal, setUpPlugin } from "./setup.ts";

const data: WorkerData = workerData;
const port = data.port ?? parentPort;
const current = new Int32Array(data.current);
const ended = data.ended && new Int32Array(data.ended);
let hooks: Hooks = {};

function post(message: FromWorker): void {
  port?.postMessage(JSON.stringify(message));
}

// The streams of a thread are connected to those of the process, where a line could look like one of the webhook's log.
const print = captureConsole(console, (printed) => post({ printed }));
for (const name of ["stdout", "stderr"] as const) {
  Object.defineProperty(process, name, { value: { write: (text: unknown) => print(text) } });
}

// An error outside of any call must not end the thread, and must appear in the log.
const tellStray = limitRate(
  (stray: string) => post({ stray }),
  (count) => post({ stray: `${count} more errors outside of calls were dropped` }),
);
process.on("unhandledRejection", (error) => tellStray(describeStack(error)));
process.on("uncaughtException", (error) => tellStray(describeStack(error)));

setInterval(() => {
  if (ended && Atomics.load(ended, 0) === 1) process.exit();
  // On most runtimes, buffers are counted outside of the heap.
  const { heapUsed, external } = process.memoryUsage();
  if (heapUsed + external > data.heapLimit) post({ heap: heapUsed + external });
}, HEAP_CHECK_MS);

port?.on("message", (text: string) => {
  const message = readMessage(text);
  if (message) void call(message);
  else post({ pong: true });
});

/**
 * Runs one call. `current` names the call only during its synchronous part: the host reads it to find the call that loops.
 * The pool sends no call before the hooks are ready.
 */
async function call({ id, hook, timeout, wire }: HookCall): Promise<void> {
  const limit = new CallSignal(timeout);
  try {
    const context = readWire(wire, () => limit.signal);
    Atomics.store(current, 0, id);
    const answer: unknown = hooks[hook]?.(context);
    Atomics.store(current, 0, 0);
    if (!isThenable(answer)) return post({ id, answer });
    post({ waits: id });
    post({ id, answer: await answer });
  } catch (error) {
    Atomics.store(current, 0, 0);
    post({ id, error: describeStack(error) });
  } finally {
    limit.end();
  }
}

/** The abort signal of one call, created when the plugin first reads it: a timer for every call would cost too much. */
class CallSignal {
  readonly #controller = new AbortController();
  readonly #timeout: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  get signal(): AbortSignal {
    this.#timer ??= setTimeout(() => this.#controller.abort(), this.#timeout);
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** Longest text about an error, in UTF-16 units. */
const LONGEST_STACK = 8_000;

function describeStack(thrown: unknown): string {
  return (readThrown(thrown).stack ?? describeError(thrown)).slice(0, LONGEST_STACK);
}

/** Resolves when the hooks are ready. On a refusal it never resolves; the pool ends the thread. */
async function start(): Promise<void> {
  let module: unknown;
  try {
    module = await import(data.url);
  } catch (error) {
    return refuse([{ code: "plugin.import", reason: describeImportError(error) }]);
  }
  const set = await setUpPlugin(module, JSON.parse(data.options));
  if (set.refusals) return refuse(set.refusals);
  hooks = set.hooks;
  const { name, description, writes } = set.definition;
  post({ ready: { name, description, writes, hooks: HOOKS.filter((hook) => hooks[hook] !== undefined) } });
}

function refuse(refusals: readonly Refusal[]): Promise<never> {
  post({ refusals });
  return new Promise(() => {});
}

void start();

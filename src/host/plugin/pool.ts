/**
 * The threads of one plugin. A call that overruns is ended with its thread; calls that only waited behind it are sent
 * again to another one, since a hook has no effects.
 */
import { availableParallelism } from "node:os";
import { type Hook, PluginError, type PodContext } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import type { FromWorker, Ready } from "./protocol.ts";
import { Thread } from "./thread.ts";

/** What a plugin does besides answering, for the log. */
export interface PluginEvent {
  readonly kind: "stray" | "memory" | "killed" | "ended" | "restart-failed";
  readonly plugin: string;
  readonly detail: string;
}

/** What a pool is made of. */
export interface PoolOptions {
  /** URL of its module. */
  readonly url: string;
  /** The entry's `with`. */
  readonly options: unknown;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  /** Threads at most; one for each core by default. */
  readonly threads?: number;
  readonly memory: MemoryWatch;
  readonly report: (event: PluginEvent) => void;
}

/** A thread that is asked whether it is alive has this long to say so. */
const ALIVE_MS = 100;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A thread that lives as long has started well. */
const GOOD_START_MS = 1_000;

/** How often a call is sent in all: it may have waited behind several that looped. */
const MOST_SENT = 5;
/** More than any thread has calls. */
const SUSPECT_LOAD = 1e9;

interface Call {
  readonly id: number;
  readonly hook: Hook;
  readonly wire: Wire;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: PluginError) => void;
  thread: Thread;
  /** Ends its time; absent while its thread starts, which the review's own deadline bounds. */
  timer: ReturnType<typeof setTimeout> | undefined;
  timesSent: number;
}

/** Threads, and the calls that they have. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #most: number;
  readonly #threads = new Set<Thread>();
  /** Threads that were asked whether they are alive, and the timer that ends them. */
  readonly #suspects = new Map<Thread, ReturnType<typeof setTimeout>>();
  readonly #calls = new Map<number, Call>();
  #name = "plugin";
  #lastId = 0;
  #failures = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #hasStarted = false;
  #isClosed = false;
  #unwatch = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#most = options.threads ?? Math.max(2, availableParallelism());
  }

  async start(): Promise<Ready> {
    const thread = this.#spawn();
    try {
      const ready = await thread.started;
      this.#name = ready.name;
      this.#hasStarted = true;
      this.#unwatch = this.#options.memory.add({
        plugin: ready.name,
        running: () => [...this.#threads].map(({ running }) => running).filter((id) => id !== 0),
        end: (id, detail) => this.#exhaust(id, detail),
      });
      return ready;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  call(hook: Hook, { signal }: PodContext, wire: Wire): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const thread = this.#pick();
      if (!thread)
        return reject(new PluginError("plugin.stopped", "its thread ended, and the next one waits"));
      this.#lastId = (this.#lastId % 0x7fff_ffff) + 1;
      const id = this.#lastId;
      const call: Call = {
        id,
        hook,
        wire,
        resolve,
        reject,
        thread,
        timer: this.#limit(thread, id),
        timesSent: 1,
      };
      this.#calls.set(id, call);
      thread.sendCall(id, hook, wire, this.#options.timeout);
      signal.addEventListener("abort", () => this.#overrun(id), { once: true });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    clearTimeout(this.#pause);
    for (const timer of this.#suspects.values()) clearTimeout(timer);
    for (const thread of this.#threads) thread.end();
    this.#threads.clear();
    for (const { id } of [...this.#calls.values()]) this.#settle(id)?.reject(stopped("the webhook ended it"));
  }

  /** One that is free, else a new one, else the one with the fewest calls; a suspect only where all are. */
  #pick(): Thread | undefined {
    const load = (thread: Thread) => thread.pending.size + (this.#suspects.has(thread) ? SUSPECT_LOAD : 0);
    let best: Thread | undefined;
    for (const thread of this.#threads) if (!best || load(thread) < load(best)) best = thread;
    if (best && load(best) === 0) return best;
    return this.#threads.size < this.#most && this.#pause === undefined ? this.#spawn() : best;
  }

  #spawn(): Thread {
    const { url, memory } = this.#options;
    const began = performance.now();
    const options = JSON.stringify(this.#options.options);
    const { heapLimit } = memory;
    const thread: Thread = new Thread(
      { url, options, name: this.#name, heapLimit },
      {
        answered: (id, message) => this.#answer(id, message),
        alive: () => this.#acquit(thread),
        stray: (stack) => this.#report("stray", stack),
        tooLarge: (bytes) => this.#end(thread, "memory", `its heap has ${bytes} bytes`),
        ended: (reason) => {
          this.#report("ended", reason);
          // The call that ran has ended it; without one, it is the plugin, which may do so again at once.
          const culprit = this.#settle(thread.running);
          culprit?.reject(stopped(reason));
          this.#replace(thread, !culprit && performance.now() - began < GOOD_START_MS);
        },
      },
    );
    this.#threads.add(thread);
    thread.started.then(
      () => {
        this.#failures = 0;
        this.#renew(thread);
      },
      (error: Error) => {
        // The first one's failure is the load's to tell.
        if (!this.#hasStarted || this.#isClosed || !this.#threads.has(thread)) return;
        this.#report("restart-failed", error.message);
        thread.end();
        this.#replace(thread, true);
      },
    );
    return thread;
  }

  #answer(id: number, message: FromWorker): void {
    const call = this.#settle(id);
    if (!call) return;
    if (message.error === undefined) call.resolve(message.answer);
    else call.reject(new PluginError("plugin.failed", message.error));
  }

  #limit({ isReady }: Thread, id: number): Call["timer"] {
    if (!isReady) return undefined;
    return setTimeout(() => this.#overrun(id), this.#options.timeout);
  }

  /** Its time is over. A thread that is alive only waits for something; one that is not runs in a loop. */
  #overrun(id: number): void {
    const call = this.#calls.get(id);
    if (!call || this.#suspects.has(call.thread)) return;
    const { thread } = call;
    const { running } = thread;
    if (running === 0 || running === id) this.#settle(id)?.reject(late());
    this.#suspects.set(
      thread,
      setTimeout(() => this.#convict(thread), ALIVE_MS),
    );
    thread.ping(id);
  }

  /** It answers: what waited behind the slow call goes on, with its time anew. */
  #acquit(thread: Thread): void {
    clearTimeout(this.#suspects.get(thread));
    if (this.#suspects.delete(thread)) this.#renew(thread);
  }

  /** What waits for a thread has all of its time from here on. */
  #renew(thread: Thread): void {
    for (const id of thread.pending) {
      const call = this.#calls.get(id);
      if (!call) continue;
      clearTimeout(call.timer);
      call.timer = this.#limit(thread, id);
    }
  }

  /** It does not answer: the call that runs is to blame, the others are innocent. */
  #convict(thread: Thread): void {
    const { running } = thread;
    this.#settle(running)?.reject(late());
    this.#end(thread, "killed", "a call of it did not end in time");
  }

  /** The process is about to run out of memory while this call runs. */
  #exhaust(id: number, detail: string): void {
    const call = this.#settle(id);
    if (!call) return;
    call.reject(stopped(`it ran while ${detail}`));
    this.#end(call.thread, "memory", `a call of it ran while ${detail}`);
  }

  #end(thread: Thread, kind: PluginEvent["kind"], detail: string): void {
    this.#report(kind, detail);
    thread.end();
    this.#replace(thread, false);
  }

  /** Sends the calls of a thread that is no more to another one. */
  #replace(thread: Thread, startedBadly: boolean): void {
    clearTimeout(this.#suspects.get(thread));
    this.#suspects.delete(thread);
    this.#threads.delete(thread);
    if (this.#isClosed) return;
    if (startedBadly) this.#wait();
    else if (this.#threads.size === 0) this.#spawn();
    for (const id of thread.pending) this.#sendAgain(id);
  }

  #sendAgain(id: number): void {
    const call = this.#calls.get(id);
    if (!call) return;
    const thread = call.timesSent < MOST_SENT ? this.#pick() : undefined;
    if (!thread) {
      this.#settle(id)?.reject(stopped("its thread ended"));
      return;
    }
    clearTimeout(call.timer);
    Object.assign(call, { thread, timesSent: call.timesSent + 1, timer: this.#limit(thread, id) });
    thread.sendCall(id, call.hook, call.wire, this.#options.timeout);
  }

  /** A plugin that does not start is tried again after a pause that grows. */
  #wait(): void {
    if (this.#pause !== undefined) return;
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#threads.size === 0) this.#spawn();
    }, ms);
  }

  #settle(id: number): Call | undefined {
    const call = this.#calls.get(id);
    if (!call) return undefined;
    clearTimeout(call.timer);
    this.#calls.delete(id);
    return call;
  }

  #report(kind: PluginEvent["kind"], detail: string): void {
    this.#options.report({ kind, plugin: this.#name, detail });
  }
}

function late(): PluginError {
  return new PluginError("plugin.timeout", "it did not answer in time");
}

function stopped(reason: string): PluginError {
  return new PluginError("plugin.stopped", reason);
}

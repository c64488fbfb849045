/**
 * The threads of one plugin. A call waits until a started thread is free for it, and has its time from then on. A hook that
 * waits for something does not hold up other calls; one that loops is ended with its thread, and what was sent behind it is
 * sent again to another thread, since a hook has no effects.
 */
import { availableParallelism } from "node:os";
import type { PodContext } from "../../core/plugin/context.ts";
import { type Hook, PluginError } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import type { FromWorker, Ready } from "./protocol.ts";
import { createRestart } from "./restart.ts";
import { Thread } from "./thread.ts";

/** What a plugin does besides answering, for the log. */
export interface PluginEvent {
  readonly kind: "stray" | "memory" | "killed" | "ended" | "restart-failed" | "printed" | "failed";
  readonly plugin: string;
  readonly detail: string;
}

/** What a pool is made of. */
export interface PoolOptions {
  /** URL of its module. */
  readonly url: string;
  /** The entry's `use`: what events call the plugin until it has told its name. */
  readonly use?: string;
  /** The entry's `with`. */
  readonly options: unknown;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  /** Threads at most; one for each core by default. */
  readonly threads?: number;
  readonly memory: MemoryWatch;
  readonly report: (event: PluginEvent) => void;
}

/** A thread that is asked whether it is alive has this long to answer. */
const ALIVE_MS = 100;
/** A thread that lives as long has started well. */
const GOOD_START_MS = 1_000;
/** How often a call is sent in all: it may have waited behind several that looped. */
const MOST_SENT = 5;
/** Calls that a thread is sent ahead: enough to keep it busy, few enough to send again when one of them loops. */
const SENT_AHEAD = 4;

interface PendingCall {
  readonly id: number;
  readonly hook: Hook;
  readonly wire: Wire;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: PluginError) => void;
  /** Absent while it waits for a thread; the review's own deadline bounds that. */
  thread: Thread | undefined;
  /** Ends its time, which begins when it is sent to a started thread. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Its time was over before its hook ran: whether its thread or the call before is to blame, a ping tells. */
  isLate: boolean;
  timesSent: number;
}

/** Threads, and the calls that they have. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #most: number;
  readonly #threads = new Set<Thread>();
  /** Threads that were asked whether they are alive, and the timer that ends them. */
  readonly #suspects = new Map<Thread, ReturnType<typeof setTimeout>>();
  readonly #calls = new Map<number, PendingCall>();
  /** Calls that no thread has, oldest first. */
  readonly #queue = new Set<PendingCall>();
  readonly #restart = createRestart(() => {
    if (this.#threads.size === 0) this.#spawn();
  });
  #name: string;
  #lastId = 0;
  #hasStarted = false;
  #isClosed = false;
  #unwatch = () => {};

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#name = options.use ?? "plugin";
    this.#most = options.threads ?? Math.max(2, availableParallelism());
  }

  /**
   * Starts the first thread.
   *
   * @throws StartError where the plugin cannot be used
   */
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

  /** Calls a hook; the promise is rejected with a {@link PluginError} when the call fails or its time is over. */
  call(hook: Hook, { signal }: PodContext, wire: Wire): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#threads.size === 0 && this.#restart.isPaused())
        return reject(stopped("its thread ended, and the next one waits"));
      this.#lastId = (this.#lastId % 0x7fff_ffff) + 1;
      const id = this.#lastId;
      const call: PendingCall = {
        ...{ id, hook, wire, resolve, reject },
        ...{ thread: undefined, timer: undefined, isLate: false, timesSent: 0 },
      };
      this.#calls.set(id, call);
      this.#queue.add(call);
      signal.addEventListener("abort", () => this.#giveUp(id), { once: true });
      this.#sendQueued();
    });
  }

  /** Ends every thread; calls that have no answer are rejected. */
  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#restart.stop();
    for (const timer of this.#suspects.values()) clearTimeout(timer);
    for (const thread of this.#threads) thread.end();
    this.#threads.clear();
    for (const { id } of [...this.#calls.values()]) this.#settle(id, stopped("the webhook ended it"));
  }

  /** Sends what waits to threads that have room for it; one more thread is started where all are busy. */
  #sendQueued(): void {
    for (const call of this.#queue) {
      const thread = this.#pick();
      const isBusy = !thread || thread.queued.size > 0;
      if (isBusy && this.#threads.size < this.#most && !this.#restart.isPaused()) this.#spawn();
      if (!thread) return;
      this.#queue.delete(call);
      this.#send(call, thread);
    }
  }

  /** @returns the started thread with the fewest calls, while one has room */
  #pick(): Thread | undefined {
    let best: Thread | undefined;
    for (const thread of this.#threads) {
      const hasRoom = thread.isReady && !this.#suspects.has(thread) && thread.queued.size < SENT_AHEAD;
      if (hasRoom && (!best || thread.queued.size < best.queued.size)) best = thread;
    }
    return best;
  }

  #send(call: PendingCall, thread: Thread): void {
    const { id, hook, wire } = call;
    call.thread = thread;
    call.timesSent++;
    call.timer ??= setTimeout(() => this.#overrun(id), this.#options.timeout);
    thread.sendCall(id, hook, wire, this.#options.timeout);
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
        waits: () => this.#sendQueued(),
        alive: () => this.#acquit(thread),
        stray: (stack) => this.#report("stray", stack),
        printed: (text) => this.#report("printed", text),
        tooLarge: (bytes) => this.#end(thread, "memory", `its heap has ${bytes} bytes`),
        ended: (reason) => {
          this.#report("ended", reason);
          // The call that ran has ended it; without one, it is the plugin, which may do so again at once.
          const culprit = this.#settle(thread.running, stopped(reason));
          this.#replace(thread, !culprit && performance.now() - began < GOOD_START_MS);
        },
      },
    );
    this.#threads.add(thread);
    thread.started.then(
      () => {
        this.#restart.succeeded();
        this.#sendQueued();
      },
      (error: Error) => {
        // The load reports the failure of the first one.
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
    if (message.error === undefined) call?.resolve(message.answer);
    else call?.reject(new PluginError("plugin.failed", message.error));
    this.#sendQueued();
  }

  /** Its time is over. A hook that has run, or runs now, is late itself; a call that waits behind a loop is not. */
  #overrun(id: number): void {
    const call = this.#calls.get(id);
    if (!call) return;
    const { thread } = call;
    if (!thread || thread.running === id || !thread.queued.has(id)) this.#settle(id, late());
    else call.isLate = true;
    if (thread) this.#suspect(thread);
  }

  /** Nobody waits for the answer any more: the review is over. */
  #giveUp(id: number): void {
    const { thread } = this.#settle(id, late()) ?? {};
    if (thread && (thread.running === id || thread.running === 0)) this.#suspect(thread);
  }

  #suspect(thread: Thread): void {
    if (this.#suspects.has(thread)) return;
    this.#suspects.set(
      thread,
      setTimeout(() => this.#convict(thread), ALIVE_MS),
    );
    thread.ping();
  }

  /** It answers, so that every call sent to it before has run: those whose time is over are late. */
  #acquit(thread: Thread): void {
    clearTimeout(this.#suspects.get(thread));
    this.#suspects.delete(thread);
    for (const id of [...thread.queued, ...thread.waiting])
      if (this.#calls.get(id)?.isLate) this.#settle(id, late());
    this.#sendQueued();
  }

  /** It does not answer: the call that runs is to blame. */
  #convict(thread: Thread): void {
    this.#settle(thread.running, late());
    this.#end(thread, "killed", "a call of it did not end in time");
  }

  /** The process is about to run out of memory while this call runs. */
  #exhaust(id: number, detail: string): void {
    const { thread } = this.#settle(id, stopped(`it ran while ${detail}`)) ?? {};
    if (thread) this.#end(thread, "memory", `a call of it ran while ${detail}`);
  }

  #end(thread: Thread, kind: PluginEvent["kind"], detail: string): void {
    this.#report(kind, detail);
    thread.end();
    this.#replace(thread, false);
  }

  /** Sends the calls of a thread that has ended to another one. */
  #replace(thread: Thread, startedBadly: boolean): void {
    clearTimeout(this.#suspects.get(thread));
    this.#suspects.delete(thread);
    this.#threads.delete(thread);
    if (this.#isClosed) return;
    if (startedBadly) this.#restart.pause();
    else if (this.#threads.size === 0) this.#spawn();
    for (const id of thread.waiting) this.#sendAgain(id, true);
    for (const id of thread.queued) this.#sendAgain(id, false);
    this.#sendQueued();
  }

  /** @param hasRun whether its hook had run: then its time goes on, else it begins anew */
  #sendAgain(id: number, hasRun: boolean): void {
    const call = this.#calls.get(id);
    if (!call) return;
    if (call.timesSent >= MOST_SENT || (this.#threads.size === 0 && this.#restart.isPaused())) {
      this.#settle(id, stopped("its thread ended"));
      return;
    }
    if (!hasRun) {
      clearTimeout(call.timer);
      call.timer = undefined;
    }
    call.thread = undefined;
    call.isLate = false;
    this.#queue.add(call);
  }

  /** Ends the bookkeeping of a call; with an error, also the call. */
  #settle(id: number, error?: PluginError): PendingCall | undefined {
    const call = this.#calls.get(id);
    if (!call) return undefined;
    clearTimeout(call.timer);
    call.thread?.forget(id);
    this.#queue.delete(call);
    this.#calls.delete(id);
    if (error) call.reject(error);
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

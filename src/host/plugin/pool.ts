/**
 * The threads of one plugin. A call waits until a started thread has room for it; its timeout begins when it is sent.
 *
 * A hook that awaits something lets its thread run other calls. A hook that loops blocks its thread, timers and messages
 * included, and no runtime can interrupt it, so the pool terminates the thread. Calls that were queued behind the loop are
 * sent again to another thread, which is safe because a hook has no effects.
 *
 * The life of a call:
 *
 *     waits ──► sent ──► runs ───────────► answered
 *       ▲        │        ├──► awaits ───► answered
 *       │        │        └──► loops: no answer to a ping, so it is late and its thread ends
 *       └────────┴── its thread ended because of another call: it waits again
 *
 * A call is rejected when its own time is over, when its review is over, when its thread ends because of it, or when it was
 * sent too often. `PendingCalls` makes sure that the first of these wins.
 */
import { availableParallelism } from "node:os";
import type { PodContext } from "../../core/plugin/context.ts";
import { type Hook, PluginError } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import type { PluginEvent } from "./event.ts";
import { Liveness } from "./liveness.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import { late, type PendingCall, PendingCalls, stopped } from "./pending.ts";
import type { FromWorker, Ready } from "./protocol.ts";
import { createRestart } from "./restart.ts";
import { Thread } from "./thread.ts";

/** The plugin of a pool, and the limits of its calls. */
export interface PoolOptions {
  /** URL of the plugin's module. */
  readonly url: string;
  /** The entry's `use`, which events show until the plugin's name is known. */
  readonly use?: string;
  /** The entry's `with`. */
  readonly options: unknown;
  /** Longest duration of a call, milliseconds. */
  readonly timeout: number;
  /** Most threads; by default one for each core, at least two. */
  readonly threads?: number;
  /** See `WorkerData`. */
  readonly ended?: SharedArrayBuffer | undefined;
  readonly memory: MemoryWatch;
  readonly report: (event: PluginEvent) => void;
}

/** A thread that ends sooner than this without a running call counts as a failed start. */
const GOOD_START_MS = 1_000;
/** How often one call is sent at most: it may have been queued behind several loops. */
const MOST_SENT = 5;
/** Calls queued in one thread: enough to keep it busy, few enough to send again when one of them loops. */
const SENT_AHEAD = 4;
const CLOSED = "the webhook ended it";

/** The threads of a plugin, and the calls that they run. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #most: number;
  readonly #threads = new Set<Thread>();
  readonly #liveness = new Liveness<Thread>((thread) => this.#endBlocked(thread));
  readonly #calls = new PendingCalls<Thread>();
  readonly #restart = createRestart(() => {
    if (this.#threads.size === 0) this.#spawn();
  });
  #name: string;
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
   * @throws StartError if the plugin cannot be used
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

  /** Calls a hook; rejects with a {@link PluginError} if the call fails or exceeds its timeout. */
  call(hook: Hook, { signal }: PodContext, wire: Wire): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // A closed pool has no threads; sending the call would start one that nothing ends.
      if (this.#isClosed) return reject(stopped(CLOSED));
      if (this.#threads.size === 0 && this.#restart.isPaused())
        return reject(stopped("its thread ended, and the next one waits"));
      const { id } = this.#calls.add({ hook, wire, resolve, reject });
      signal.addEventListener("abort", () => this.#giveUp(id), { once: true });
      this.#sendQueued();
    });
  }

  /** Terminates every thread; unanswered calls are rejected. */
  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#restart.stop();
    this.#liveness.close();
    for (const thread of this.#threads) thread.end();
    this.#threads.clear();
    for (const id of this.#calls.ids) this.#calls.settle(id, stopped(CLOSED));
  }

  /**
   * Sends waiting calls to threads with room, and starts another thread if all are busy. Called whenever a thread may have
   * room again; there is no timer that would send a call that was forgotten here.
   */
  #sendQueued(): void {
    for (const call of this.#calls.queue) {
      const thread = this.#pick();
      const isBusy = !thread || thread.queued.size > 0;
      if (isBusy && this.#threads.size < this.#most && !this.#restart.isPaused()) this.#spawn();
      if (!thread) return;
      this.#send(call, thread);
    }
  }

  /**
   * Suspects get no calls: if one is blocked, its calls would only have to be sent again.
   *
   * @returns the started thread with the fewest queued calls; absent if none has room
   */
  #pick(): Thread | undefined {
    let best: Thread | undefined;
    for (const thread of this.#threads) {
      const hasRoom = thread.isReady && !this.#liveness.isSuspect(thread) && thread.queued.size < SENT_AHEAD;
      if (hasRoom && (!best || thread.queued.size < best.queued.size)) best = thread;
    }
    return best;
  }

  #send(call: PendingCall<Thread>, thread: Thread): void {
    const { id, hook, wire } = call;
    this.#calls.assign(call, thread);
    // A call that awaited something when its thread ended keeps its timer, so that its plugin cannot use the time twice.
    call.timer ??= setTimeout(() => this.#overrun(id), this.#options.timeout);
    thread.sendCall(id, hook, wire, this.#options.timeout);
  }

  #spawn(): Thread {
    const { url, memory, ended } = this.#options;
    const began = performance.now();
    const options = JSON.stringify(this.#options.options);
    const { heapLimit } = memory;
    const thread: Thread = new Thread(
      { url, options, name: this.#name, heapLimit, ended },
      {
        answered: (id, message) => this.#answer(id, message),
        waits: () => this.#sendQueued(),
        alive: () => this.#confirmAlive(thread),
        stray: (stack) => this.#report("stray", stack),
        printed: (text) => this.#report("printed", text),
        tooLarge: (bytes) => this.#end(thread, "memory", `its heap has ${bytes} bytes`),
        ended: (reason) => {
          this.#report("ended", reason);
          // A running call ended the thread, so only that call fails. Without one, code of the plugin outside of calls ended it,
          // and may do so again immediately: pause before the next start.
          const culprit = this.#calls.settle(thread.running, stopped(reason));
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
        // A failure of the first thread is reported by the load.
        if (!this.#hasStarted || this.#isClosed || !this.#threads.has(thread)) return;
        this.#report("restart-failed", error.message);
        thread.end();
        this.#replace(thread, true);
      },
    );
    return thread;
  }

  #answer(id: number, message: FromWorker): void {
    const call = this.#calls.settle(id);
    if (message.error === undefined) call?.resolve(message.answer);
    else call?.reject(new PluginError("plugin.failed", message.error));
    this.#sendQueued();
  }

  /**
   * Called when a call's timeout ends. If its hook runs now or awaits something, the call itself is late. If the hook has not
   * run yet, an earlier call may block the thread; blaming this one would refuse a good pod, so the ping decides.
   */
  #overrun(id: number): void {
    const call = this.#calls.get(id);
    if (!call) return;
    const { thread } = call;
    if (!thread || thread.running === id || !thread.queued.has(id)) this.#calls.settle(id, late());
    else call.isLate = true;
    if (thread) this.#liveness.suspect(thread);
  }

  /** Called when the review has ended and the answer is not needed any more. */
  #giveUp(id: number): void {
    const { thread } = this.#calls.settle(id, late()) ?? {};
    // The thread runs this call, or has not begun it although no call runs: code outside of calls may block it. If it runs
    // another call, that call's own timeout decides.
    if (thread && (thread.running === id || thread.running === 0)) this.#liveness.suspect(thread);
  }

  /**
   * The thread answered the ping. Messages keep their order, so every earlier call has run, and those past their timeout are
   * late.
   */
  #confirmAlive(thread: Thread): void {
    this.#liveness.clear(thread);
    for (const id of [...thread.queued, ...thread.waiting])
      if (this.#calls.get(id)?.isLate) this.#calls.settle(id, late());
    this.#sendQueued();
  }

  /** The thread did not answer the ping: the running call blocks it. */
  #endBlocked(thread: Thread): void {
    this.#calls.settle(thread.running, late());
    this.#end(thread, "killed", "a call of it did not end in time");
  }

  /** Ends the thread of a call that ran while the process was about to run out of memory. */
  #exhaust(id: number, detail: string): void {
    const { thread } = this.#calls.settle(id, stopped(`it ran while ${detail}`)) ?? {};
    if (thread) this.#end(thread, "memory", `a call of it ran while ${detail}`);
  }

  #end(thread: Thread, kind: PluginEvent["kind"], detail: string): void {
    this.#report(kind, detail);
    thread.end();
    this.#replace(thread, false);
  }

  /** Sends the calls of an ended thread to other threads. */
  #replace(thread: Thread, startedBadly: boolean): void {
    this.#liveness.clear(thread);
    this.#threads.delete(thread);
    if (this.#isClosed) return;
    // One thread is kept even without calls, so that the next review does not wait for its start.
    if (startedBadly) this.#restart.pause();
    else if (this.#threads.size === 0) this.#spawn();
    for (const id of thread.waiting) this.#sendAgain(id, true);
    for (const id of thread.queued) this.#sendAgain(id, false);
    this.#sendQueued();
  }

  /** @param hasRun whether the hook had already run; if so, the call's timeout continues instead of starting again */
  #sendAgain(id: number, hasRun: boolean): void {
    const call = this.#calls.get(id);
    if (!call) return;
    if (call.timesSent >= MOST_SENT || (this.#threads.size === 0 && this.#restart.isPaused())) {
      this.#calls.settle(id, stopped("its thread ended"));
      return;
    }
    this.#calls.putBack(call, hasRun);
  }

  #report(kind: PluginEvent["kind"], detail: string): void {
    this.#options.report({ kind, plugin: this.#name, detail });
  }
}

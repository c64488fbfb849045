/** The calls of a pool that have no answer yet: those that wait for a thread, and those that were sent to one. */
import { type Hook, PluginError } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";

/** What a call needs of the thread that it was sent to. */
interface Sent {
  /** Removes a call from the thread's counts. */
  readonly forget: (id: number) => void;
}

/** A call without an answer. */
export interface PendingCall<Thread extends Sent> {
  readonly id: number;
  readonly hook: Hook;
  readonly wire: Wire;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: PluginError) => void;
  /** Absent while the call waits for a thread; the review's deadline limits that wait. */
  thread: Thread | undefined;
  /** Timeout of the call; starts when the call is sent. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** The timeout ended before the hook ran. A ping then shows whether an earlier call blocks the thread. */
  isLate: boolean;
  timesSent: number;
}

/** Ids are read from 32 bits of shared memory, in which 0 means that no call runs; they begin again at 1 after this one. */
const LAST_ID = 0x7fff_ffff;

/** The calls of one pool. */
export class PendingCalls<Thread extends Sent> {
  readonly #calls = new Map<number, PendingCall<Thread>>();
  readonly #queue = new Set<PendingCall<Thread>>();
  #lastId = 0;

  /** Adds a call to the end of the queue. */
  add(call: Pick<PendingCall<Thread>, "hook" | "wire" | "resolve" | "reject">): PendingCall<Thread> {
    this.#lastId = (this.#lastId % LAST_ID) + 1;
    const added = {
      ...call,
      ...{ id: this.#lastId, thread: undefined, timer: undefined, isLate: false, timesSent: 0 },
    };
    this.#calls.set(added.id, added);
    this.#queue.add(added);
    return added;
  }

  /** @returns the call; `undefined` if it was settled */
  get(id: number): PendingCall<Thread> | undefined {
    return this.#calls.get(id);
  }

  /** Calls that wait for a thread, oldest first; the list may be changed while it is read. */
  get queue(): Iterable<PendingCall<Thread>> {
    return this.#queue;
  }

  /** All ids, those of waiting calls included. */
  get ids(): number[] {
    return [...this.#calls.keys()];
  }

  /** Takes a call from the queue for a thread, which has to be sent the call. */
  assign(call: PendingCall<Thread>, thread: Thread): void {
    this.#queue.delete(call);
    call.thread = thread;
    call.timesSent++;
  }

  /** @param hasRun whether the hook had already run; if so, the call's timeout continues instead of starting again */
  putBack(call: PendingCall<Thread>, hasRun: boolean): void {
    if (!hasRun) {
      clearTimeout(call.timer);
      call.timer = undefined;
    }
    call.thread = undefined;
    call.isLate = false;
    this.#queue.add(call);
  }

  /**
   * Removes a call from all lists, and rejects it if an error is given. Answers, timeouts, ended reviews and ended threads may
   * all settle the same call; the first one wins.
   *
   * @returns the call; `undefined` if it was settled before
   */
  settle(id: number, error?: PluginError): PendingCall<Thread> | undefined {
    const call = this.#calls.get(id);
    if (!call) return undefined;
    clearTimeout(call.timer);
    call.thread?.forget(id);
    this.#queue.delete(call);
    this.#calls.delete(id);
    if (error) call.reject(error);
    return call;
  }
}

/** @returns the error of a call whose time is over */
export function late(): PluginError {
  return new PluginError("plugin.timeout", "it did not answer in time");
}

/** @returns the error of a call whose thread ended */
export function stopped(reason: string): PluginError {
  return new PluginError("plugin.stopped", reason);
}

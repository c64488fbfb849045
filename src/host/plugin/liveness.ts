/**
 * Which threads are blocked. A thread that may be blocked is sent a ping, which it answers after the synchronous part of
 * every call sent before. A thread that does not answer in time has a call that loops.
 */
/** How long a thread has to answer a ping, milliseconds. */
const ALIVE_MS = 100;

/** What can be asked for a sign of life. */
interface Pinged {
  readonly ping: () => void;
}

/** Threads with an unanswered ping. */
export class Liveness<Thread extends Pinged> {
  readonly #suspects = new Map<Thread, ReturnType<typeof setTimeout>>();
  readonly #blocked: (thread: Thread) => void;

  /** @param blocked called with a thread that did not answer its ping */
  constructor(blocked: (thread: Thread) => void) {
    this.#blocked = blocked;
  }

  /** Whether the thread has an unanswered ping, so that no calls should be sent to it. */
  isSuspect(thread: Thread): boolean {
    return this.#suspects.has(thread);
  }

  /** Sends a ping, unless one is unanswered. */
  suspect(thread: Thread): void {
    if (this.#suspects.has(thread)) return;
    this.#suspects.set(
      thread,
      setTimeout(() => this.#blocked(thread), ALIVE_MS),
    );
    thread.ping();
  }

  /** Stops waiting for a thread: it answered, or ended. */
  clear(thread: Thread): void {
    clearTimeout(this.#suspects.get(thread));
    this.#suspects.delete(thread);
  }

  /** Stops waiting for all threads. */
  close(): void {
    for (const timer of this.#suspects.values()) clearTimeout(timer);
  }
}

/**
 * One call of one hook: its time limit, its signal, and what becomes of a hook that throws, rejects or is late.
 *
 * Nothing that a plugin does may end the review: a hook's failure becomes an issue that names the plugin, and whether that
 * issue refuses the pod is the configuration's choice (`onError`).
 */
import type { Issue } from "../issue/issue.ts";
import { pluginIssues } from "../issue/plugin.ts";
import type { Ports } from "../ports.ts";
import type { Deadline, Signal } from "../signal.ts";
import type { ConfiguredPlugin } from "./configured.ts";
import { type Hook, PluginError } from "./instance.ts";
import { toError } from "./thrown.ts";
import type { Eventual } from "./turn.ts";
import { readWire, type Wire } from "./wire.ts";

/** What the calls of a review need from outside. */
export type CallPorts = Pick<Ports, "clock" | "createDeadline" | "reportPluginFailure">;

/** The time of a review. The signal aborts when the time is over; it is read only if a plugin returns a promise. */
export interface ReviewTime {
  readonly signal?: Signal | undefined;
}

/** One call of a hook. */
export interface HookCall<Context> {
  readonly plugin: ConfiguredPlugin;
  readonly hook: Hook;
  readonly time: TimedCall;
  readonly context: Context;
  /** Renders the context, for a plugin in another thread or one that must not share it. */
  readonly wire: () => Wire;
  /** Takes the hook's answer; throws a {@link PluginError} if the answer is not valid. */
  readonly use: (answer: unknown) => void;
}

/** The calls of one review. */
export class HookCalls {
  readonly #ports: CallPorts;
  readonly #review: ReviewTime;
  readonly #ended: (plugin: ConfiguredPlugin, ms: number, issue?: Issue) => void;
  #hasWaited = false;

  /** @param ended called once after each call, with its duration in milliseconds and the issue of a failed one */
  constructor(
    ports: CallPorts,
    review: ReviewTime,
    ended: (plugin: ConfiguredPlugin, ms: number, issue?: Issue) => void,
  ) {
    this.#ports = ports;
    this.#review = review;
    this.#ended = ended;
  }

  /** @returns the time limit of the next call of a plugin */
  limit(plugin: ConfiguredPlugin): TimedCall {
    return new TimedCall(plugin, this.#ports, this.#review);
  }

  /** Calls the hook; never throws or rejects. Asynchronous only if the hook returns a promise. */
  run<Context>({ plugin, hook, time, context, wire, use }: HookCall<Context>): Eventual<void> {
    const start = this.#ports.clock();
    const end = (error?: unknown): void => {
      time.end();
      const ms = this.#ports.clock() - start;
      this.#ended(plugin, ms, error === undefined ? undefined : this.#toIssue(plugin, hook, error));
    };
    const finish = (answer: unknown): void => {
      let failure: unknown;
      try {
        use(answer);
      } catch (error) {
        failure = error ?? new Error("the plugin threw undefined or null");
      }
      end(failure);
    };
    try {
      // Reading the signal starts the review's timer, which most reviews never need: until a plugin has waited, no turn of the
      // event loop has passed in which a timer could have fired.
      if (this.#hasWaited && this.#review.signal?.aborted)
        throw new PluginError(
          "plugin.timeout",
          "the time for the review was over before the plugin was called",
        );
      const { instance } = plugin;
      const given = instance.readsOnly ? context : readWire(wire(), time.toSignal);
      const answer = instance[hook]?.(given as never, wire);
      if (!isThenable(answer)) return finish(answer);
      this.#hasWaited = true;
      return time.within(answer).then(finish, (error) => end(error ?? "nothing"));
    } catch (error) {
      return end(error ?? "nothing");
    }
  }

  #toIssue({ name, entry, onError }: ConfiguredPlugin, hook: Hook, thrown: unknown): Issue {
    const known = isPluginError(thrown) ? thrown : undefined;
    const code = known?.code ?? "plugin.failed";
    this.#ports.reportPluginFailure({ plugin: name, entry, hook, code, error: known ?? toError(thrown) });
    const issue = pluginIssues[code]({ plugin: name, reason: known?.message ?? "" });
    return onError === "deny"
      ? issue
      : pluginIssues["plugin.skipped"]({ plugin: name, cause: issue.message });
  }
}

/** The time limit of one call; the timer is created only if the call is awaited or its signal is read. */
export class TimedCall {
  readonly #plugin: ConfiguredPlugin;
  readonly #ports: Pick<Ports, "createDeadline">;
  readonly #review: ReviewTime;
  #deadline: Deadline | undefined;

  constructor(plugin: ConfiguredPlugin, ports: Pick<Ports, "createDeadline">, review: ReviewTime) {
    this.#plugin = plugin;
    this.#ports = ports;
    this.#review = review;
  }

  /** For contexts, which read the signal only when the plugin does. */
  readonly toSignal = (): Signal => this.#signal;

  get #signal(): Signal {
    const { timeout, instance } = this.#plugin;
    // An instance that enforces its own time limit is limited only by the review's deadline here.
    this.#deadline ??= this.#ports.createDeadline(
      instance.keepsTime ? Infinity : timeout,
      this.#review.signal,
    );
    return this.#deadline.signal;
  }

  /** @returns the answer; rejects with `plugin.timeout` when the time is over */
  within(answer: PromiseLike<unknown>): Promise<unknown> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const late = () => reject(new PluginError("plugin.timeout", "it did not answer in time"));
      // A signal that is aborted already calls no listener.
      if (signal.aborted) late();
      signal.addEventListener("abort", late, { once: true });
      answer.then(resolve, reject);
    });
  }

  /** Stops the timer; called when the call has ended. */
  end(): void {
    this.#deadline?.cancel();
  }
}

/** Never throws: `instanceof` throws for a Proxy whose prototype cannot be read. */
function isPluginError(thrown: unknown): thrown is PluginError {
  try {
    return thrown instanceof PluginError;
  } catch {
    return false;
  }
}

/** A promise of any library: a plugin may have its own. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/**
 * The plugins' part of the pipeline: each hook runs for all plugins in the order of the configuration, and each plugin sees
 * the results of those before it. A plugin that throws, answers garbage or is late causes an issue that names it; the review
 * itself continues.
 */

import type { Guard } from "../check/policy.ts";
import type { Issue } from "../issue/issue.ts";
import { pluginIssues } from "../issue/plugin.ts";
import type { Layer } from "../layer.ts";
import type { PluginRun, RequestChange } from "../outcome.ts";
import type { Ports } from "../ports.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Deadline, Signal } from "../signal.ts";
import { readAnnotations, readIssues, readRequests } from "./answer.ts";
import type { ConfiguredPlugin } from "./configured.ts";
import type { AnnotationsContext, PodContext } from "./context.ts";
import { type Hook, PluginError } from "./instance.ts";
import { toError } from "./thrown.ts";
import { type Eventual, inTurn } from "./turn.ts";
import {
  type Annotated,
  defineGetters,
  lazily,
  readWire,
  renderLayers,
  toAnnotations,
  toPluginFiles,
  type Wire,
} from "./wire.ts";

const REQUEST_FIELDS = ["group", "group_version", "key", "mount_requirement", "env_var"] as const;

/** The part of the context that all hooks share; `requests` are the original ones. */
export type PodFacts = Omit<PodContext, "signal">;

/** Input of the hooks `annotations` and `review`; computed only if a plugin reads it. */
export interface View {
  /** Layers below the pod's own annotations, without the plugins'; and the layers above them. */
  readonly below: readonly Layer[];
  readonly above: readonly Layer[];
  readonly files: () => Annotated["files"];
  /** JSON texts of `below` and `files`, cached with their plan. */
  readonly texts: () => Pick<Wire, "below" | "files">;
}

type WaterfallPorts = Pick<Ports, "clock" | "createDeadline" | "reportPluginFailure">;

/** Runs the plugins' hooks for one review, and collects their results. */
export class WaterfallRun {
  /** Requests that plugins changed, by annotation key; `null` for one that a plugin dropped. */
  readonly requests = new Map<string, SecretRequest | null>();
  /** Fields that plugins changed, by annotation and in the order of the plugins. */
  readonly changes = new Map<string, RequestChange[]>();
  readonly layers: Layer[] = [];
  readonly issues: Issue[] = [];
  readonly #plugins: readonly ConfiguredPlugin[];
  readonly #facts: PodFacts;
  readonly #ports: WaterfallPorts;
  readonly #review: { readonly signal?: Signal | undefined };
  #hasWaited = false;
  #podText: string | undefined;
  readonly #runs = new Map<ConfiguredPlugin, { ms: number; readonly changed: string[] }>();

  /** @param review its signal aborts when the review's time is over; read only if a plugin returns a promise */
  constructor(
    plugins: readonly ConfiguredPlugin[],
    facts: PodFacts,
    ports: WaterfallPorts,
    review: { readonly signal?: Signal | undefined },
  ) {
    this.#plugins = plugins.filter(({ isFor }) => isFor(facts));
    this.#facts = facts;
    this.#ports = ports;
    this.#review = review;
    for (const plugin of this.#plugins) this.#runs.set(plugin, { ms: 0, changed: [] });
  }

  /** Runs the hook `requests`: its answer changes fields of requests, or drops a request; it cannot add one. */
  runRequests(): Eventual<void> {
    return inTurn(this.#plugins, (plugin) => {
      if (!plugin.instance.requests) return;
      const requests = this.#currentRequests();
      const call = new TimedCall(plugin, this.#ports, this.#review);
      const context = defineGetters({ ...this.#facts, requests }, { signal: call.toSignal });
      const wire = () => this.#toWire(requests, NOTHING);
      return this.#call(plugin, "requests", call, context, wire, (answer) => {
        for (const [key, changed] of readRequests(answer, requests)) {
          this.requests.set(key, changed);
          this.#recordChanges(key, requests[key], changed, plugin);
          this.#runs.get(plugin)?.changed.push(key);
        }
      });
    });
  }

  /** Runs the hook `annotations`: its answer becomes the plugin's layer. */
  runAnnotations(view: View, guard: Guard): Eventual<void> {
    return inTurn(this.#plugins, (plugin) => {
      if (!plugin.instance.annotations) return;
      const call = new TimedCall(plugin, this.#ports, this.#review);
      const [context, wire] = this.#show(view, call);
      return this.#call(plugin, "annotations", call, context, wire, (answer) => {
        const layer = Object.entries(readAnnotations(answer, plugin.whyNot)).map(([key, value]) =>
          plugin.toLine(key, value),
        );
        if (layer.length > 0) this.layers.push(layer);
        for (const { key } of layer) {
          this.#runs.get(plugin)?.changed.push(key);
          const denied = guard.checkKey(key, `plugin ${plugin.name}`);
          if (denied) this.issues.push(denied);
        }
      });
    });
  }

  /** Runs the hook `review`: its answer is a list of issues about the finished annotations. */
  runReviews(view: View): Eventual<void> {
    return inTurn(this.#plugins, (plugin) => {
      if (!plugin.instance.review) return;
      const call = new TimedCall(plugin, this.#ports, this.#review);
      const [context, wire] = this.#show(view, call);
      return this.#call(plugin, "review", call, context, wire, (answer) => {
        this.issues.push(...readIssues(answer, plugin.name));
      });
    });
  }

  /** The run of each plugin whose conditions the pod meets, in the order of the configuration. */
  get runs(): PluginRun[] {
    return [...this.#runs].map(([{ name, entry }, { ms, changed }]) => ({ name, entry, ms, changed }));
  }

  #recordChanges(
    annotation: string,
    before: SecretRequest | undefined,
    after: SecretRequest | null,
    { name, entry }: ConfiguredPlugin,
  ): void {
    if (!before || !after) return;
    for (const field of REQUEST_FIELDS) {
      const [from, value] = [before[field], after[field]];
      if (from === value) continue;
      const own = this.changes.get(annotation) ?? [];
      own.push({ field, from, value, source: { kind: "plugin", name, entry } });
      this.changes.set(annotation, own);
    }
  }

  #currentRequests(): Readonly<Record<string, SecretRequest>> {
    if (this.requests.size === 0) return this.#facts.requests;
    const current = { ...this.#facts.requests };
    for (const [key, changed] of this.requests) {
      if (changed === null) delete current[key];
      else current[key] = changed;
    }
    return current;
  }

  /** @returns the context of the later hooks, and its text for another thread */
  #show(view: View, call: TimedCall): readonly [AnnotationsContext, () => Wire] {
    const requests = this.#currentRequests();
    const { above } = view;
    // Copied, because the list grows with the plugins that run after this one.
    const own = [...this.layers];
    const context = defineGetters(
      { ...this.#facts, requests },
      {
        signal: call.toSignal,
        annotations: lazily(() => toAnnotations([...view.below, ...own], this.#facts.pod, above)),
        files: lazily(() => toPluginFiles(view.files())),
      },
    );
    const wire = () =>
      this.#toWire(requests, {
        get below() {
          return own.length === 0 ? view.texts().below : renderLayers([...view.below, ...own]);
        },
        get above() {
          return renderLayers(above);
        },
        get files() {
          return view.texts().files;
        },
      });
    return [context, wire];
  }

  /** Every part is rendered only when it is read: a plugin in process may read only a few of them. */
  #toWire(requests: PodFacts["requests"], later: Pick<Wire, "below" | "above" | "files">): Wire {
    const { pod, ...facts } = this.#facts;
    const toPodText = () => {
      this.#podText ??= JSON.stringify(pod);
      return this.#podText;
    };
    return defineGetters(
      { facts: JSON.stringify({ ...facts, requests }) },
      { pod: toPodText, below: () => later.below, above: () => later.above, files: () => later.files },
    );
  }

  #call<Context>(
    plugin: ConfiguredPlugin,
    hook: Hook,
    call: TimedCall,
    context: Context,
    wire: () => Wire,
    use: (answer: unknown) => void,
  ): Eventual<void> {
    const start = this.#ports.clock();
    const end = (error?: unknown): void => {
      call.end();
      const run = this.#runs.get(plugin);
      if (run) run.ms += this.#ports.clock() - start;
      if (error !== undefined) this.#fail(plugin, hook, error);
    };
    const finish = (answer: unknown): void => {
      try {
        use(answer);
        end();
      } catch (error) {
        end(error ?? new Error("the plugin threw undefined or null"));
      }
    };
    try {
      if (this.#hasWaited && this.#review.signal?.aborted)
        throw new PluginError(
          "plugin.timeout",
          "the time for the review was over before the plugin was called",
        );
      const { instance } = plugin;
      const given = instance.readsOnly ? context : readWire(wire(), call.toSignal);
      const answer = instance[hook]?.(given as never, wire);
      if (!isThenable(answer)) return finish(answer);
      this.#hasWaited = true;
      return call.within(answer).then(finish, (error) => end(error ?? "nothing"));
    } catch (error) {
      return end(error ?? "nothing");
    }
  }

  #fail({ name, entry, onError }: ConfiguredPlugin, hook: Hook, thrown: unknown): void {
    const known = isPluginError(thrown) ? thrown : undefined;
    const code = known?.code ?? "plugin.failed";
    this.#ports.reportPluginFailure({ plugin: name, entry, hook, code, error: known ?? toError(thrown) });
    const issue = pluginIssues[code]({ plugin: name, reason: known?.message ?? "" });
    this.issues.push(
      onError === "deny" ? issue : pluginIssues["plugin.skipped"]({ plugin: name, cause: issue.message }),
    );
  }
}

/** One call of one hook with its time limit; the timer is created only if the call is awaited or the signal is read. */
class TimedCall {
  readonly #plugin: ConfiguredPlugin;
  readonly #ports: WaterfallPorts;
  readonly #review: { readonly signal?: Signal | undefined };
  #deadline: Deadline | undefined;

  constructor(
    plugin: ConfiguredPlugin,
    ports: WaterfallPorts,
    review: { readonly signal?: Signal | undefined },
  ) {
    this.#plugin = plugin;
    this.#ports = ports;
    this.#review = review;
  }

  readonly toSignal = (): Signal => this.signal;

  get signal(): Signal {
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
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const late = () => reject(new PluginError("plugin.timeout", "it did not answer in time"));
      if (signal.aborted) late();
      signal.addEventListener("abort", late, { once: true });
      answer.then(resolve, reject);
    });
  }

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

/** Texts for the hook `requests`, which runs before there are annotations. */
const NOTHING = { below: "[]", above: "[]", files: "{}" };

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/**
 * The plugins' part of the pipeline: each hook of every plugin in the order of the configuration, what one answers
 * seen by the next. A plugin that throws, answers garbage or is late is named, and never takes the review with it.
 */
import { isObject } from "../admission/request.ts";
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import { explainLayers, type FoldedAnnotation, type Layer, toLayer } from "../layer.ts";
import type { PluginRun } from "../outcome.ts";
import type { Guard } from "../policy.ts";
import type { Signal } from "../ports.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { AnnotationsContext, PluginInstance, RequestFile, ReviewContext } from "./instance.ts";

/** What the plugins did in one review. */
export interface Waterfall {
  /** Requests as the plugins left them; `null` where one dropped it; absent where none touched it. */
  readonly requests: ReadonlyMap<string, SecretRequest | null>;
  readonly layers: readonly Layer[];
  readonly issues: readonly Issue[];
  readonly runs: readonly PluginRun[];
}

/** Runs the hooks of one review; made per review, since it keeps what they did. */
export class WaterfallRun {
  readonly requests = new Map<string, SecretRequest | null>();
  readonly layers: Layer[] = [];
  readonly issues: Issue[] = [];
  readonly #plugins: readonly PluginInstance[];
  readonly #clock: () => number;
  readonly #signal: Signal | undefined;
  readonly #spent = new Map<PluginInstance, number>();

  constructor(plugins: readonly PluginInstance[], clock: () => number, signal: Signal | undefined) {
    this.#plugins = plugins;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Hook `requests`: fields to change, or `null` to drop; nothing can be added. */
  async runRequests(context: ReviewContext): Promise<void> {
    for (const plugin of this.#plugins) {
      const requests = { ...context.requests };
      for (const [key, changed] of this.requests) {
        if (changed === null) delete requests[key];
        else requests[key] = changed;
      }
      const answer = await this.#call(plugin, plugin.requests?.bind(plugin), { ...context, requests });
      for (const [key, change] of Object.entries(isObject(answer) ? answer : {})) {
        const current = requests[key];
        if (current === undefined) continue;
        this.requests.set(key, change === null ? null : { ...current, ...(isObject(change) ? change : {}) });
      }
    }
  }

  /** Hook `annotations`: one layer for each plugin. */
  async runAnnotations(
    context: ReviewContext,
    below: readonly Layer[],
    pod: Layer,
    files: Readonly<Record<string, readonly RequestFile[]>>,
    guard: Guard,
  ): Promise<void> {
    for (const plugin of this.#plugins) {
      const annotations = toAnnotations([...below, ...this.layers, pod]);
      const answer = await this.#call(plugin, plugin.annotations?.bind(plugin), {
        ...context,
        annotations,
        files,
      });
      if (answer === undefined) continue;
      const { name, entry } = plugin;
      this.layers.push(toLayer({ kind: "plugin", name, entry }, answer));
      for (const key of Object.keys(answer)) {
        const denied = guard.checkKey(key, `plugin ${name}`);
        if (denied) this.issues.push(denied);
      }
    }
  }

  /** Hook `review`: issues on the finished annotations. */
  async runReviews(context: AnnotationsContext): Promise<void> {
    for (const plugin of this.#plugins) {
      const answer = await this.#call(plugin, plugin.review?.bind(plugin), context);
      if (answer) this.issues.push(...answer);
    }
  }

  /** @returns what every plugin did, in the order of the configuration. */
  get runs(): PluginRun[] {
    return this.#plugins.map((plugin) => {
      const { name, entry } = plugin;
      const layer = this.layers.find(
        ([line]) => line?.source.kind === "plugin" && line.source.entry === entry,
      );
      return { name, entry, ms: this.#spent.get(plugin) ?? 0, changed: layer?.map(({ key }) => key) ?? [] };
    });
  }

  async #call<Context, Answer>(
    plugin: PluginInstance,
    hook: ((context: Context) => Answer | Promise<Answer>) | undefined,
    context: Context,
  ): Promise<Answer | undefined> {
    if (!hook) return undefined;
    const start = this.#clock();
    try {
      return await untilAborted(hook(context), this.#signal);
    } catch (error) {
      const code = error instanceof Overrun ? "plugin.timeout" : "plugin.failed";
      this.issues.push(admissionIssues[code]({ plugin: plugin.name }));
      return undefined;
    } finally {
      this.#spent.set(plugin, (this.#spent.get(plugin) ?? 0) + this.#clock() - start);
    }
  }
}

/** @returns folded annotations by key, as hooks see them. */
export function toAnnotations(layers: readonly Layer[]): Readonly<Record<string, FoldedAnnotation>> {
  return Object.fromEntries(explainLayers(layers).map((annotation) => [annotation.key, annotation]));
}

class Overrun extends Error {}

function untilAborted<T>(answer: T | Promise<T>, signal: Signal | undefined): T | Promise<T> {
  if (!signal || !(answer instanceof Promise)) return answer;
  if (signal.aborted) return Promise.reject(new Overrun());
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Overrun()), { once: true });
    answer.then(resolve, reject);
  });
}

/**
 * The plugins' part of the pipeline: each hook runs for all plugins in the order of the configuration, and each plugin sees
 * the results of those before it. A plugin that throws, answers garbage or is late causes an issue that names it; the review
 * itself continues.
 *
 * A run is created for each review, so nothing that it holds is shared between pods. What a plugin may not read is computed
 * only when it is read, because most plugins look at the namespace and a few labels.
 */

import type { Guard } from "../check/policy.ts";
import type { Issue } from "../issue/issue.ts";
import type { Layer } from "../layer.ts";
import type { PluginRun, RequestChange } from "../outcome.ts";
import type { SecretRequest } from "../secret/request.ts";
import { readAnnotations, readIssues, readRequests } from "./answer.ts";
import { type CallPorts, HookCalls, type ReviewTime, type TimedCall } from "./call.ts";
import type { ConfiguredPlugin } from "./configured.ts";
import type { AnnotationsContext, PodContext } from "./context.ts";
import { type Eventual, inTurn } from "./turn.ts";
import {
  type Annotated,
  defineGetters,
  lazily,
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
  readonly #calls: HookCalls;
  #podText: string | undefined;
  readonly #runs = new Map<ConfiguredPlugin, { ms: number; readonly changed: string[] }>();

  constructor(plugins: readonly ConfiguredPlugin[], facts: PodFacts, ports: CallPorts, review: ReviewTime) {
    this.#plugins = plugins.filter(({ isFor }) => isFor(facts));
    this.#facts = facts;
    this.#calls = new HookCalls(ports, review, (plugin, ms, issue) => {
      const run = this.#runs.get(plugin);
      if (run) run.ms += ms;
      if (issue) this.issues.push(issue);
    });
    for (const plugin of this.#plugins) this.#runs.set(plugin, { ms: 0, changed: [] });
  }

  /** Runs the hook `requests`: its answer changes fields of requests, or drops a request; it cannot add one. */
  runRequests(): Eventual<void> {
    return inTurn(this.#plugins, (plugin) => {
      if (!plugin.instance.requests) return;
      const requests = this.#currentRequests();
      const time = this.#calls.limit(plugin);
      const context = defineGetters({ ...this.#facts, requests }, { signal: time.toSignal });
      const wire = () => this.#toWire(requests, NOTHING);
      const use = (answer: unknown): void => {
        for (const [key, changed] of readRequests(answer, requests)) {
          this.requests.set(key, changed);
          this.#recordChanges(key, requests[key], changed, plugin);
          this.#runs.get(plugin)?.changed.push(key);
        }
      };
      return this.#calls.run({ plugin, hook: "requests", time, context, wire, use });
    });
  }

  /** Runs the hook `annotations`: its answer becomes the plugin's layer. */
  runAnnotations(view: View, guard: Guard): Eventual<void> {
    return inTurn(this.#plugins, (plugin) => {
      if (!plugin.instance.annotations) return;
      const time = this.#calls.limit(plugin);
      const [context, wire] = this.#show(view, time);
      const use = (answer: unknown): void => {
        const layer = Object.entries(readAnnotations(answer, plugin.whyNot)).map(([key, value]) =>
          plugin.toLine(key, value),
        );
        if (layer.length > 0) this.layers.push(layer);
        for (const { key } of layer) {
          this.#runs.get(plugin)?.changed.push(key);
          const denied = guard.checkKey(key, `plugin ${plugin.name}`);
          if (denied) this.issues.push(denied);
        }
      };
      return this.#calls.run({ plugin, hook: "annotations", time, context, wire, use });
    });
  }

  /** Runs the hook `review`: its answer is a list of issues about the finished annotations. */
  runReviews(view: View): Eventual<void> {
    return inTurn(this.#plugins, (plugin) => {
      if (!plugin.instance.review) return;
      const time = this.#calls.limit(plugin);
      const [context, wire] = this.#show(view, time);
      const use = (answer: unknown): void => {
        this.issues.push(...readIssues(answer, plugin.name));
      };
      return this.#calls.run({ plugin, hook: "review", time, context, wire, use });
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
  #show(view: View, time: TimedCall): readonly [AnnotationsContext, () => Wire] {
    const requests = this.#currentRequests();
    const { above } = view;
    // Copied, because the list grows with the plugins that run after this one.
    const own = [...this.layers];
    const context = defineGetters(
      { ...this.#facts, requests },
      {
        signal: time.toSignal,
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
}

/** Texts for the hook `requests`, which runs before there are annotations. */
const NOTHING = { below: "[]", above: "[]", files: "{}" };

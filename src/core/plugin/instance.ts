/**
 * The pipeline's side of a plugin: three hooks, one context object each, data in and data out.
 * How an instance is made (in process, in a worker) is up to the host.
 */
import type { AnnotationsContext, PodContext } from "./context.ts";
import type { Wire } from "./wire.ts";

/** One configured plugin, ready to run. Hooks may answer at once or later; what they answer is not trusted. */
export interface PluginInstance {
  readonly name: string;
  /** Globs of the annotation keys that it may set. */
  readonly writes: readonly string[];
  /** Hash of the plugin's code, part of the configuration's hash; absent where the code is the webhook's own. */
  readonly digest?: string;
  /** Whether it keeps its time itself and throws a {@link PluginError}; the deadline of the review holds anyway. */
  readonly keepsTime?: boolean;
  /**
   * Whether it only reads its context: the webhook's own plugins, and isolated ones, whose context is a copy. All others are
   * given a copy of their own, so that what one changes reaches neither the next plugin nor the next pod.
   */
  readonly readsOnly?: boolean;
  /** @param wire the context for another thread, rendered when it is asked for */
  readonly requests?: (context: PodContext, wire: () => Wire) => unknown;
  readonly annotations?: (context: AnnotationsContext, wire: () => Wire) => unknown;
  readonly review?: (context: AnnotationsContext, wire: () => Wire) => unknown;
  /** Ends whatever runs the plugin. */
  readonly close?: () => void | Promise<void>;
}

/** The names of the hooks, in the order of the pipeline. */
export const HOOKS = ["requests", "annotations", "review"] as const;

/** One of a plugin's hooks. */
export type Hook = (typeof HOOKS)[number];

/** Why a call to a plugin came to nothing. Anything else that is thrown counts as `plugin.failed`. */
export class PluginError extends Error {
  readonly code: "plugin.failed" | "plugin.timeout" | "plugin.stopped" | "plugin.answer" | "plugin.writes";

  constructor(code: PluginError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PluginError";
    this.code = code;
  }
}

/**
 * The interface between the pipeline and a plugin: three hooks, each with one context object. The host decides where an
 * instance runs (in process or in a worker).
 */
import type { AnnotationsContext, PodContext } from "./context.ts";
import type { Wire } from "./wire.ts";

/** One plugin, set up and ready to run. Hooks may return a value or a promise; the pipeline validates their answers. */
export interface PluginInstance {
  readonly name: string;
  /** Globs of the annotation keys that the plugin may set. */
  readonly writes: readonly string[];
  /** Hash of the plugin's code, part of the configuration's hash; absent for bundled plugins. */
  readonly digest?: string;
  /** Whether the instance enforces its time limit itself, by throwing a {@link PluginError}; the review's deadline still applies. */
  readonly keepsTime?: boolean;
  /**
   * Whether the plugin cannot change shared state through its context: bundled plugins only read it, and isolated ones receive
   * a copy in their thread. All others are called with a copy, so a change affects neither other plugins nor other pods.
   */
  readonly readsOnly?: boolean;
  /** @param wire renders the context for another thread */
  readonly requests?: (context: PodContext, wire: () => Wire) => unknown;
  readonly annotations?: (context: AnnotationsContext, wire: () => Wire) => unknown;
  readonly review?: (context: AnnotationsContext, wire: () => Wire) => unknown;
  /** Ends the plugin's thread, if it has one. */
  readonly close?: () => void | Promise<void>;
}

/** The names of the hooks, in the order of the pipeline. */
export const HOOKS = ["requests", "annotations", "review"] as const;

/** One of a plugin's hooks. */
export type Hook = (typeof HOOKS)[number];

/** The reason why a plugin call failed. Anything else that is thrown counts as `plugin.failed`. */
export class PluginError extends Error {
  readonly code: "plugin.failed" | "plugin.timeout" | "plugin.stopped" | "plugin.answer" | "plugin.writes";

  constructor(code: PluginError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PluginError";
    this.code = code;
  }
}

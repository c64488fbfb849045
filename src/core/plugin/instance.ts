/**
 * The pipeline's side of a plugin: three hooks, one context object each, data in and data out.
 * How an instance comes to be (in process, in a worker) is the host's business.
 */

import type { FoldedAnnotation } from "../layer.ts";
import type { Signal } from "../ports.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { FileKeys, RequestFile } from "../vault/key.ts";
import type { Wire } from "./wire.ts";

/** A file, with the names of its annotations. */
export interface PluginFile extends RequestFile {
  readonly keys: FileKeys;
}

/** What every hook is told about the pod under review. All of it is to be read, never changed. */
export interface PodContext {
  /** The pod as it came, without checks: read it defensively. */
  readonly pod: Readonly<Record<string, unknown>>;
  readonly namespace: string;
  /** Flyte project: the pod's label `project`. */
  readonly project?: string | undefined;
  /** Flyte domain: the pod's label `domain`. */
  readonly domain?: string | undefined;
  /** `default` where the pod names none. */
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Who creates the pod, as the API server names them. */
  readonly user?: string | undefined;
  /** Decoded requests by the key of their pod annotation, as the plugins before left them. */
  readonly requests: Readonly<Record<string, SecretRequest>>;
  /** Aborts when the plugin's time is over. */
  readonly signal: Signal;
}

/** What the hooks `annotations` and `review` are told on top: the annotations so far, with who set them. */
export interface AnnotationsContext extends PodContext {
  readonly annotations: Readonly<Record<string, FoldedAnnotation>>;
  /** Files by the key of the pod annotation that asked for them. */
  readonly files: Readonly<Record<string, readonly PluginFile[]>>;
}

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

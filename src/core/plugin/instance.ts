/**
 * The pipeline's side of a plugin: three hooks, one context object each, data in and data out.
 * How an instance comes to be (in process, in a worker) is the host's business.
 */

import type { Issue } from "../issue/issue.ts";
import type { FoldedAnnotation } from "../layer.ts";
import type { SecretRequest } from "../secret/request.ts";

/** One file that a request will be written to. */
export interface RequestFile {
  /** Suffix of the injector annotations that declare the file. */
  readonly id: string;
  /** Path relative to the secret volume. */
  readonly path: string;
  /** Which readers look for the file at this path. */
  readonly for: readonly ("flyte" | "flytekit")[];
}

/** What every hook is told about the pod under review. */
export interface ReviewContext {
  readonly pod: Readonly<Record<string, unknown>>;
  readonly namespace: string;
  readonly project: string | undefined;
  readonly domain: string | undefined;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  /** Decoded requests by annotation key. */
  readonly requests: Readonly<Record<string, SecretRequest>>;
}

/** What the `annotations` hook is told on top: the annotations so far, with who set them. */
export interface AnnotationsContext extends ReviewContext {
  readonly annotations: Readonly<Record<string, FoldedAnnotation>>;
  readonly files: Readonly<Record<string, readonly RequestFile[]>>;
}

/** What a request hook may answer: fields to change, or `null` to drop the request. Nothing can be added. */
export type RequestChanges = Readonly<Record<string, Partial<SecretRequest> | null>>;

/** One configured plugin, ready to run. Hooks may answer at once or later. */
export interface PluginInstance {
  readonly name: string;
  /** Position in the configuration's `plugins` list. */
  readonly entry: number;
  readonly requests?: (context: ReviewContext) => RequestChanges | Promise<RequestChanges>;
  readonly annotations?: (
    context: AnnotationsContext,
  ) => Readonly<Record<string, string | null>> | Promise<Readonly<Record<string, string | null>>>;
  readonly review?: (context: AnnotationsContext) => readonly Issue[] | Promise<readonly Issue[]>;
  /** Ends whatever runs the plugin. */
  readonly close?: () => void | Promise<void>;
}

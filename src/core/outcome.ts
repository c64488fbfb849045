/** The result of a review: allowed or refused, with the patch, and on demand the source of every annotation. */

import type { Issue } from "./issue/issue.ts";
import type { FoldedAnnotation, Source } from "./layer.ts";
import type { PreparedRequest } from "./plan/prepare.ts";
import type { SecretRequest } from "./secret/request.ts";
import type { RequestFile } from "./vault/key.ts";

/** The `status` of a refusal, as the API server passes it on to the pod's author. */
export interface Status {
  /** HTTP status code; on 400 and 413 Flyte fails the task immediately, on the others it retries. */
  readonly code: 400 | 413 | 500 | 504;
  /** The Kubernetes reason that belongs to the code. */
  readonly reason: "BadRequest" | "RequestEntityTooLarge" | "InternalError" | "Timeout";
  readonly message: string;
}

/** One field of a request that a plugin changed. */
export interface RequestChange {
  readonly field: keyof SecretRequest;
  /** The previous value: the task's own, or the result of an earlier plugin. */
  readonly from: string | number;
  readonly value: string | number;
  readonly source: Source;
}

/** A secret request as the task wrote it, and the files that the agent will write for it. */
export interface ExplainedRequest extends SecretRequest {
  /** Key of the pod annotation that carried the request. */
  readonly annotation: string;
  /** Changes made by plugins, in the order of the plugins; absent if there are none. */
  readonly changes?: readonly RequestChange[];
  readonly files: readonly (RequestFile & {
    /** Template that the agent renders; absent if the injector's default template is used. */
    readonly template?: string;
  })[];
}

/** One environment variable that the webhook sets in one container. */
export interface EnvChange {
  readonly container: string;
  /** Whether it is an init container. */
  readonly init: boolean;
  readonly name: string;
  readonly value: string;
  /** Who sets it: the webhook on every pod with requests, or a secret request. */
  readonly source: Source;
  /** The value that the pod's author had set; absent if there was none. */
  readonly replaced?: string;
}

/** What one plugin did during a review. */
export interface PluginRun {
  readonly name: string;
  readonly entry: number;
  /** Milliseconds spent in the plugin's hooks. */
  readonly ms: number;
  /** Keys of the annotations whose value it changed. */
  readonly changed: readonly string[];
}

/** Where each part of the patch comes from. */
export interface Explanation {
  readonly requests: readonly ExplainedRequest[];
  readonly annotations: readonly FoldedAnnotation[];
  readonly env: readonly EnvChange[];
  readonly plugins: readonly PluginRun[];
}

/** The result of the pipeline: `/mutate` sends it, `/preview` explains it. */
export interface Outcome {
  readonly allowed: boolean;
  /** Present if and only if the pod is refused. */
  readonly status?: Status;
  /** The issues found, worst first. */
  readonly issues: readonly Issue[];
  /** Warnings that the API server shows to the user who created the pod; within its limits. */
  readonly warnings: readonly string[];
  /** JSON Patch (RFC 6902) as ASCII text; empty if nothing changes. */
  readonly patch: string;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** Patch and audit annotations as a response needs them; absent if they have not been encoded. */
  readonly encoded?: {
    /** The patch in base64. */
    readonly patch: string;
    /** JSON text of the audit annotations. */
    readonly auditAnnotations: string;
  };
  /** Computed on each call, because only previews need it. */
  readonly explain: () => Explanation;
  /** Numbers for metrics, computed on each call; absent if there was no plan. */
  readonly measure?: () => Measurement;
}

/** Numbers of one review. */
export interface Measurement {
  /** Number of secrets by Vault engine (`kv1`, `kv2`, `db`). */
  readonly engines: Readonly<Record<string, number>>;
  /** The run of each plugin, in the order of the configuration. */
  readonly plugins: readonly PluginRun[];
}

/** Counts a review's secrets by engine; invalid requests have no engine and are not counted. */
export function measureReview(
  prepared: readonly PreparedRequest[],
  plugins: readonly PluginRun[],
): Measurement {
  const engines: Record<string, number> = {};
  for (const { transformed } of prepared) {
    if (!transformed) continue;
    const { engine } = transformed.audit;
    engines[engine] = (engines[engine] ?? 0) + 1;
  }
  return { engines, plugins };
}

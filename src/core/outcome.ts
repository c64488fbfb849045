/** What a review comes to: allowed or denied, with the patch, and on demand the reasons for every line. */

import type { Issue } from "./issue/issue.ts";
import type { FoldedAnnotation, Source } from "./layer.ts";
import type { PreparedRequest } from "./plan/prepare.ts";
import type { SecretRequest } from "./secret/request.ts";
import type { RequestFile } from "./vault/key.ts";

/** The `status` of a refusal, as the API server passes it on to the pod's author. */
export interface Status {
  /** HTTP-like code; what Flyte does with a refused pod depends on it. */
  readonly code: 400 | 413 | 500 | 504;
  /** Kubernetes' reason that belongs to the code. */
  readonly reason: "BadRequest" | "RequestEntityTooLarge" | "InternalError" | "Timeout";
  readonly message: string;
}

/** One field of a request that a plugin changed. */
export interface RequestChange {
  readonly field: keyof SecretRequest;
  /** The value before: the task's own, or what the plugin before had left. */
  readonly from: string | number;
  readonly value: string | number;
  readonly source: Source;
}

/** A secret request as the task wrote it, with the files that it leads to. */
export interface ExplainedRequest extends SecretRequest {
  /** Key of the pod annotation that carried the request. */
  readonly annotation: string;
  /** What plugins changed, in their order; absent where none changed anything. */
  readonly changes?: readonly RequestChange[];
  readonly files: readonly (RequestFile & {
    /** Text that the agent renders; absent where the injector's own template is used. */
    readonly template?: string;
  })[];
}

/** One variable that the webhook sets in one container. */
export interface EnvChange {
  readonly container: string;
  /** Whether it is an init container. */
  readonly init: boolean;
  readonly name: string;
  readonly value: string;
  /** The value that the pod's author had set; absent where there was none. */
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

/** Who decided each line of the result. */
export interface Explanation {
  readonly requests: readonly ExplainedRequest[];
  readonly annotations: readonly FoldedAnnotation[];
  readonly env: readonly EnvChange[];
  readonly plugins: readonly PluginRun[];
}

/** The end of the pipeline: what `/mutate` answers and `/preview` explains. */
export interface Outcome {
  readonly allowed: boolean;
  /** Present exactly where the pod is refused. */
  readonly status?: Status;
  /** Every issue found, worst first. */
  readonly issues: readonly Issue[];
  /** What the API server shows to whoever created the pod; within its limits. */
  readonly warnings: readonly string[];
  /** JSON Patch (RFC 6902) as ASCII text; empty where nothing changes. */
  readonly patch: string;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** The same as it stands in a response; absent where nothing was encoded beforehand. */
  readonly encoded?: {
    /** The patch in base64. */
    readonly patch: string;
    /** JSON text of the audit annotations. */
    readonly auditAnnotations: string;
  };
  /** Computed when asked for, since only previews ask. */
  readonly explain: () => Explanation;
  /** Numbers for metrics, computed when asked for; absent where nothing was planned. */
  readonly measure?: () => Measurement;
}

/** Numbers of one review. */
export interface Measurement {
  /** How many secrets were asked for, by Vault engine (`kv1`, `kv2`, `db`). */
  readonly engines: Readonly<Record<string, number>>;
  /** What each plugin did, in the order of the configuration. */
  readonly plugins: readonly PluginRun[];
}

/** Counts a review's secrets; requests that could not be read have no engine. */
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

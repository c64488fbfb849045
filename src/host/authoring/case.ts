/** Test cases for a plugin, as its author writes them. */
import type { SecretRequest } from "../../core/secret/request.ts";

/** A pod, the plugin's options, and the expected result. */
export interface ValidCase {
  readonly name: string;
  /** Options, as the configuration's `with` would give them; `{}` by default. */
  readonly with?: unknown;
  /** Secret requests of the pod: `flyte.secrets/s0`, `s1`, …; by default one kv2 secret. */
  readonly secrets?: readonly Partial<SecretRequest>[];
  readonly namespace?: string;
  readonly project?: string;
  readonly domain?: string;
  readonly serviceAccount?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The pod's own annotations, besides the requests. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations that the configuration sets before the plugin runs. */
  readonly config?: Readonly<Record<string, string>>;
  /** More of the pod's spec, such as `{ securityContext: {…} }`. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly expect: {
    /** Every annotation that the plugin sets, and no others; `null` for one that it removes. */
    readonly annotations?: Readonly<Record<string, string | null>>;
    /** The requests that it changes, after the change; `null` for one that it drops. */
    readonly requests?: Readonly<Record<string, Partial<SecretRequest> | null>>;
    /** Codes of the issues that `review` returns, without the prefix. */
    readonly issues?: readonly string[];
    /** Part of the refusal's message; leave it out if the pod should be allowed. */
    readonly denied?: string | RegExp;
  };
}

/** Options that the plugin's schema or its `setup` refuses. */
export interface InvalidCase {
  readonly name: string;
  readonly with: unknown;
  /** Part of the message that the operator reads. */
  readonly message?: string | RegExp;
}

/** The cases of one plugin. */
export interface PluginCases {
  readonly valid: readonly ValidCase[];
  readonly invalid: readonly InvalidCase[];
}

/** The context that a plugin's hooks receive: the pod under review, its requests, annotations and files. */
import type { FoldedAnnotation } from "../layer.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Signal } from "../signal.ts";
import type { FileKeys, RequestFile } from "../vault/key.ts";

/** A file, with the names of its annotations. */
export interface PluginFile extends RequestFile {
  readonly keys: FileKeys;
}

/** The context of every hook. It is read-only; changes to it have no effect. */
export interface PodContext {
  /** The pod from the admission request, not validated: fields may be missing or of another type. */
  readonly pod: Readonly<Record<string, unknown>>;
  readonly namespace: string;
  /** Flyte project: the pod's label `project`. */
  readonly project?: string | undefined;
  /** Flyte domain: the pod's label `domain`. */
  readonly domain?: string | undefined;
  /** Name of the service account; `default` if the pod names none. */
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  /** User name of the creator, from the admission request; absent if unknown. */
  readonly user?: string | undefined;
  /** Decoded requests by the key of their pod annotation, with the changes of earlier plugins. */
  readonly requests: Readonly<Record<string, SecretRequest>>;
  /** Aborts when the plugin's time limit is reached. */
  readonly signal: Signal;
}

/** The context of the hooks `annotations` and `review`, with the annotations so far. */
export interface AnnotationsContext extends PodContext {
  /** Annotations by key, each with its value, its source and what it overrides. */
  readonly annotations: Readonly<Record<string, FoldedAnnotation>>;
  /** Files by the key of the pod annotation that asked for them. */
  readonly files: Readonly<Record<string, readonly PluginFile[]>>;
}

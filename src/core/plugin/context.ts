/** What a plugin's hooks receive: the pod under review, its requests, annotations and files. */
import type { FoldedAnnotation } from "../layer.ts";
import type { SecretRequest } from "../secret/request.ts";
import type { Signal } from "../signal.ts";
import type { FileKeys, RequestFile } from "../vault/key.ts";

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

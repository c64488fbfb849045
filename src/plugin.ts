/**
 * The public API for plugin authors. A plugin adds annotations to pods that request secrets, changes their secret requests,
 * or refuses pods.
 *
 * @example
 * import { definePlugin } from "flyte-vault-webhook/plugin";
 * import * as v from "valibot";
 *
 * export default definePlugin({
 *   name: "namespace",
 *   description: "Reads secrets from a Vault namespace",
 *   writes: ["vault.hashicorp.com/namespace"],
 *   options: v.strictObject({ namespace: v.pipe(v.string(), v.nonEmpty()) }),
 *   setup: ({ namespace }) => ({
 *     annotations: () => ({ "vault.hashicorp.com/namespace": namespace }),
 *   }),
 * });
 */
import type { AnnotationsContext, PodContext } from "./core/plugin/context.ts";
import type { StandardSchema } from "./core/plugin/standard-schema.ts";
import type { SecretRequest } from "./core/secret/request.ts";

export { checkAnnotation } from "./core/check/annotation.ts";
export { compileGlobs } from "./core/glob.ts";
export type { FoldedAnnotation, Source } from "./core/layer.ts";
export type { AnnotationsContext, PluginFile, PodContext } from "./core/plugin/context.ts";
export type { StandardSchema } from "./core/plugin/standard-schema.ts";
export { MountRequirement, type SecretRequest } from "./core/secret/request.ts";
export type { FileKeys } from "./core/vault/key.ts";
export { listReadings } from "./core/vault/readings.ts";
export { ANNOTATION_CLASSES, type AnnotationClass, classifyAnnotation } from "./injector/classes.ts";

/** An issue that a plugin finds in a pod. */
export interface PluginIssue {
  /** Lower-case words with dashes; users see `plugin:<name>/<code>`. */
  readonly code: string;
  /** `deny` refuses the pod, `error` only under `policy.strict`; `info` shows in previews only. */
  readonly severity: "deny" | "error" | "warning" | "info";
  /** What is wrong, quoting the values; without a final period. */
  readonly message: string;
  /** What the pod's author can do. */
  readonly help?: string;
  /** Key of the annotation concerned. */
  readonly annotation?: string;
}

/** Secret requests to change, by annotation key; `null` drops a request. Nothing can be added. */
export type RequestChanges = Readonly<Record<string, Partial<SecretRequest> | null>>;

/** Annotations to set, by key; `null` removes what the webhook, the configuration or an earlier plugin set. */
export type AnnotationChanges = Readonly<Record<string, string | null>>;

/** The hooks of a plugin, called for pods that match the entry's `when`. Each returns its result or a promise. */
export interface PluginHooks {
  /**
   * Changes requests before they are validated. The changed request decides the Vault path. Files keep the names of the
   * original request, because the task looks for those; empty fields of it are taken from the changed request.
   */
  readonly requests?: (context: PodContext) => RequestChanges | Promise<RequestChanges>;
  /** Sets annotations. The pod's own annotations win over them. */
  readonly annotations?: (context: AnnotationsContext) => AnnotationChanges | Promise<AnnotationChanges>;
  /** Checks the final annotations. */
  readonly review?: (context: AnnotationsContext) => readonly PluginIssue[] | Promise<readonly PluginIssue[]>;
}

/** The definition of a plugin. The module is loaded once; `setup` is called for each entry of the configuration. */
export interface PluginDefinition<Options = never> {
  /** Lower-case words with dashes. */
  readonly name: string;
  /** One sentence for `plugins list`. */
  readonly description: string;
  /** Globs of the annotation keys that it may set: `*` matches any characters. Other keys are refused. */
  readonly writes: readonly string[];
  /** Schema of the entry's `with`; any Standard Schema, such as valibot's. Without a schema, `with` must be empty. */
  readonly options?: StandardSchema<Options>;
  /**
   * Creates the hooks for one entry; do expensive work here instead of in the hooks.
   *
   * @param options the schema's output for the entry's `with`
   */
  readonly setup: (options: Options) => PluginHooks | Promise<PluginHooks>;
}

/**
 * Defines a plugin; the types of its options are inferred from their schema.
 *
 * @returns the definition, unchanged
 * @example
 * const plugin = definePlugin({
 *   name: "log-level",
 *   description: "Sets how much the Vault Agent logs",
 *   writes: ["vault.hashicorp.com/log-level"],
 *   setup: () => ({ annotations: () => ({ "vault.hashicorp.com/log-level": "debug" }) }),
 * });
 * plugin.name; // "log-level"
 */
export function definePlugin<Schema extends StandardSchema<unknown>>(
  definition: Omit<PluginDefinition<OptionsOf<Schema>>, "options"> & { readonly options: Schema },
): PluginDefinition<OptionsOf<Schema>>;
export function definePlugin(
  definition: Omit<PluginDefinition<Readonly<Record<string, never>>>, "options">,
): PluginDefinition<Readonly<Record<string, never>>>;
export function definePlugin<Definition>(definition: Definition): Definition {
  return definition;
}

/** The output type of a schema. */
export type OptionsOf<Schema extends StandardSchema<unknown>> = NonNullable<
  Schema["~standard"]["types"]
>["output"];

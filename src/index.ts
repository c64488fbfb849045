/**
 * The public API for those who embed the webhook: read a configuration, build an engine, serve it.
 *
 * @example
 * const config = parseConfig("webhook: { vaultSecretManager: { role: my-role } }");
 * if (!config.ok) throw new Error(config.issues[0].message);
 * const engine = await createEngine(config.value);
 * if (!engine.ok) throw new Error(engine.issues[0].message);
 * export default { fetch: createApp(engine.value, { surface: "admission" }).fetch };
 */
export { parseConfig } from "./config/parse.ts";
export type { Config } from "./config/schema.ts";
export type { AdmissionRequest } from "./core/admission/request.ts";
export type { Engine } from "./core/engine.ts";
export type { Issue, Severity } from "./core/issue/issue.ts";
export type { FoldedAnnotation, Source } from "./core/layer.ts";
export type {
  EnvChange,
  ExplainedRequest,
  Explanation,
  Outcome,
  PluginRun,
  RequestChange,
  Status,
} from "./core/outcome.ts";
export type { PluginInstance } from "./core/plugin/instance.ts";
export type { Ports } from "./core/ports.ts";
export type { Result } from "./core/result.ts";
export type { SecretRequest } from "./core/secret/request.ts";
export { createEngine } from "./host/engine.ts";
export { type AppOptions, createApp } from "./http/app.ts";

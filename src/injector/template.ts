/**
 * Templates of the agent's configuration. Reads `agent-inject-default-template`, `template-config-exit-on-retry-failure`,
 * `template-static-secret-render-interval`, `template-max-connections-per-host`, `template-lease-renewal-threshold`.
 */

import { joinPath } from "./path.ts";
import type { Reader } from "./reader.ts";
import type { InjectedSecret } from "./secret.ts";

/** One entry of `template`; fields without a value are absent. */
export interface AgentTemplate {
  readonly destination: string;
  readonly contents?: string;
  readonly left_delimiter: string;
  readonly right_delimiter: string;
  readonly command?: string;
  /** Path of a template file, in place of contents. */
  readonly source?: string;
  readonly perms?: string;
  readonly error_on_missing_key?: true;
}

/** `template_config`. */
export interface AgentTemplateConfig {
  readonly exit_on_retry_failure: boolean;
  readonly static_secret_render_interval?: string;
  readonly max_connections_per_host?: number;
  readonly lease_renewal_threshold?: number;
}

/** Reads the shape of the injector's default template: `map` or `json`, ignoring case. */
export function readTemplateShape(reader: Reader): string {
  const shape = reader.text("agent-inject-default-template").toLowerCase();
  if (shape !== "map" && shape !== "json") {
    reader.refuse(`invalid default template type: ${shape}`, "value", "agent-inject-default-template");
  }
  return shape;
}

/** Renders a file's entry (vault-k8s `newTemplateConfigs`). */
export function toTemplate(secret: InjectedSecret, shape: string): AgentTemplate {
  const { template, templateFile, path, command, perms } = secret;
  const contents = template === "" && templateFile === "" ? renderGeneric(shape, path) : template;
  return {
    destination: toDestination(secret),
    ...(contents === "" ? {} : { contents }),
    left_delimiter: secret.leftDelimiter || "{{",
    right_delimiter: secret.rightDelimiter || "}}",
    ...(command === "" ? {} : { command }),
    ...(templateFile === "" ? {} : { source: templateFile }),
    ...(perms === "" ? {} : { perms }),
    ...(secret.errorOnMissingKey ? { error_on_missing_key: true } : {}),
  };
}

/** @returns the path of a file in the containers; only a path from an annotation is cleaned */
function toDestination({
  file,
  mountPath,
  name,
}: Pick<InjectedSecret, "file" | "mountPath" | "name">): string {
  return file === "" ? `${mountPath}/${name}` : joinPath(mountPath, file);
}

/** Renders the injector's default template, into which the path is pasted without quoting. */
function renderGeneric(shape: string, path: string): string {
  const opened = `{{ with secret "${path}" }}`;
  if (shape === "json") return `${opened}{{ .Data | toJSON }}\n{{ end }}`;
  return `${opened}{{ range $k, $v := .Data }}{{ $k }}: {{ $v }}\n{{ end }}{{ end }}`;
}

/** Reads `template_config`. */
export function readTemplateConfig(reader: Reader): AgentTemplateConfig {
  const exits = reader.bool("template-config-exit-on-retry-failure", true);
  const connections = Number(reader.int("template-max-connections-per-host"));
  const threshold = reader.float("template-lease-renewal-threshold");
  const interval = reader.text("template-static-secret-render-interval");
  return {
    exit_on_retry_failure: exits,
    ...(interval === "" ? {} : { static_secret_render_interval: interval }),
    ...(connections === 0 ? {} : { max_connections_per_host: connections }),
    ...(threshold === 0 ? {} : { lease_renewal_threshold: threshold }),
  };
}

/** The templates that the injector gives to the agent for a pod's annotations (vault-k8s `agent.secrets`, `agent.newTemplateConfigs`). */
import { VAULT_DOMAIN } from "../../src/injector/vocabulary.ts";
import { type AgentTemplate, type Rendered, renderAll, type Secrets } from "./engine.ts";

type Annotations = Readonly<Record<string, string>>;

/** @returns one template for each secret or template that the annotations declare; template files are not read. */
export function toAgentTemplates(annotations: Annotations): AgentTemplate[] {
  const read = (name: string, id: string) => annotations[`${VAULT_DOMAIN}${name}-${id}`] ?? "";
  const shape = annotations[`${VAULT_DOMAIN}agent-inject-default-template`] ?? "map";
  return findIds(annotations).map((id) => {
    const contents =
      read("agent-inject-template", id) || renderDefault(shape, read("agent-inject-secret", id));
    const [left, right] = [read("agent-template-left-delim", id), read("agent-template-right-delim", id)];
    return { contents, left_delimiter: left || "{{", right_delimiter: right || "}}" };
  });
}

/** Renders what an injected pod would get. */
export function renderInjected(annotations: Annotations, secrets: Secrets): Promise<Rendered> {
  return renderAll(toAgentTemplates(annotations), secrets);
}

function findIds(annotations: Annotations): string[] {
  const ids = Object.keys(annotations).flatMap((key) =>
    ["agent-inject-secret-", "agent-inject-template-"].flatMap((name) =>
      key.startsWith(VAULT_DOMAIN + name) ? [key.slice(VAULT_DOMAIN.length + name.length)] : [],
    ),
  );
  return [...new Set(ids)];
}

function renderDefault(shape: string, path: string): string {
  if (shape === "json") return `{{ with secret "${path}" }}{{ .Data | toJSON }}\n{{ end }}`;
  return `{{ with secret "${path}" }}{{ range $k, $v := .Data }}{{ $k }}: {{ $v }}\n{{ end }}{{ end }}`;
}

/** The agent's containers. Reads `agent-image`, `agent-configmap`, `agent-init-json-patch`, `agent-json-patch`. */
import { type Agent, type AgentConfig, toConfig } from "./agent.ts";
import { listVariables } from "./environment.ts";
import { type Decoded, Decoder, encode } from "./go-codec.ts";
import { type JsonNode, parseJson, renderJson } from "./go-json.ts";
import { applyJsonPatch, decodeJsonPatch } from "./json-patch.ts";
import { CONTAINER } from "./kubernetes.ts";
import { toLifecycle } from "./lifecycle.ts";
import type { Reader } from "./reader.ts";
import { readResources } from "./resource.ts";
import { toSecurityContext } from "./security.ts";
import { listAgentMounts } from "./volume.ts";

/** A container to add to the pod, with the configuration of its agent. */
export interface AgentContainer {
  /** `undefined` if a ConfigMap has the configuration. */
  readonly config: AgentConfig | undefined;
  readonly container: Decoded;
}

const RUN_GENERATED =
  "echo $" +
  "{VAULT_CONFIG?} | base64 -d > /home/vault/config.json && vault agent -config=/home/vault/config.json";

/** Builds one of the two containers (vault-k8s `ContainerInitSidecar`, `ContainerSidecar`). */
export function buildContainer(
  agent: Agent,
  reader: Reader,
  caCertBytes: string,
  init: boolean,
): AgentContainer {
  const hasConfigMap = reader.text("agent-configmap") !== "";
  const config = hasConfigMap ? undefined : toConfig(agent, reader, init);
  refuseNoNumber(config, reader);
  const { pod, skipVerify, parameters } = agent;
  const env = listVariables(reader, { pod, config, skipVerify, parameters, caCertBytes });
  const resources = readResources(reader);
  const file = `/vault/configs/config${init ? "-init" : ""}.hcl`;
  const container = encode(CONTAINER, {
    name: init ? "vault-agent-init" : "vault-agent",
    image: reader.text("agent-image"),
    command: ["/bin/sh", "-ec"],
    args: [hasConfigMap ? `touch /home/vault/.vault-token && vault agent -config=${file}` : RUN_GENERATED],
    env,
    resources,
    volumeMounts: listAgentMounts(reader, { ...agent, persist: agent.cache.persist }, init),
    ...(init ? {} : { lifecycle: toLifecycle(reader, agent.revokes, agent.grace) }),
    ...(agent.setsContext ? { securityContext: toSecurityContext(agent.identity) } : {}),
  });
  const name = init ? "agent-init-json-patch" : "agent-json-patch";
  return { config, container: patchContainer(container, name, reader) };
}

/** Refuses NaN and infinity, which JSON cannot represent, in the only number where they can occur. */
function refuseNoNumber(config: AgentConfig | undefined, reader: Reader): void {
  const threshold = config?.template_config.lease_renewal_threshold ?? 0;
  if (Number.isFinite(threshold)) return;
  const said = Number.isNaN(threshold) ? "NaN" : threshold > 0 ? "+Inf" : "-Inf";
  reader.refuse(`json: unsupported value: ${said}`, "value", "template-lease-renewal-threshold");
}

function patchContainer(container: Decoded, name: string, reader: Reader): Decoded {
  const text = reader.text(name);
  if (text === "" || reader.refusal) return container;
  const patch = decodeJsonPatch(text);
  if (patch.error !== undefined) return container;
  const parsed = parseJson(renderJson(container));
  const node: JsonNode = "node" in parsed ? parsed.node : null;
  const applied = applyJsonPatch(patch.operations, node instanceof Map ? node : new Map());
  if ("error" in applied) {
    reader.refuse(`failed to apply JSON patch: ${applied.error}`, "json-patch", name);
    return container;
  }
  const decoder = new Decoder();
  const decoded = decoder.decode(CONTAINER, applied.document);
  if (decoder.error !== undefined) reader.refuse(decoder.error, "json-patch", name);
  return encode(CONTAINER, decoded);
}

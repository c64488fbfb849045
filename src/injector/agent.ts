/**
 * Reads all annotations in the injector's order (vault-k8s `agent.New`, `Validate`), and renders the agent's configuration.
 * Besides the annotations that other files of this folder read, it reads `agent-init-first`,
 * `agent-pre-populate`, `agent-pre-populate-only`, `agent-inject-containers`, `agent-image`,
 * `agent-disable-idle-connections`, `agent-disable-keep-alives`, `agent-configmap`, `agent-request-namespace`.
 */
import { type AgentAutoAuth, readAuthParameters, toAutoAuth } from "./auth.ts";
import { type AgentCache, type AgentListener, type CacheSwitches, toCache } from "./cache.ts";
import type { Decoded } from "./go-codec.ts";
import type { InjectorPod } from "./pod.ts";
import type { Reader } from "./reader.ts";
import { type InjectedSecret, listSecrets } from "./secret.ts";
import { type AgentIdentity, readIdentity, readShareProcesses } from "./security.ts";
import { toTelemetry } from "./telemetry.ts";
import {
  type AgentTemplate,
  type AgentTemplateConfig,
  readTemplateConfig,
  readTemplateShape,
  toTemplate,
} from "./template.ts";
import { findAwsToken, findToken, type TokenMount } from "./token.ts";
import { type AgentVault, toVault } from "./vault.ts";

/** The configuration of one of the two agents, as the injector writes it into `VAULT_CONFIG`. */
export interface AgentConfig {
  readonly auto_auth: AgentAutoAuth;
  readonly exit_after_auth: boolean;
  readonly pid_file: string;
  readonly vault: AgentVault;
  readonly template?: readonly AgentTemplate[];
  readonly listener?: readonly AgentListener[];
  readonly cache?: AgentCache;
  readonly template_config: AgentTemplateConfig;
  readonly disable_idle_connections?: readonly string[];
  readonly disable_keep_alives?: readonly string[];
  readonly telemetry?: Decoded;
}

/** The settings of a pod's agents, from its annotations. */
export interface Agent {
  readonly pod: InjectorPod;
  readonly token: TokenMount;
  readonly awsToken: Omit<TokenMount, "tokenPath"> | undefined;
  readonly secrets: readonly InjectedSecret[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly initFirst: boolean;
  readonly init: boolean;
  readonly sidecar: boolean;
  readonly revokes: boolean;
  readonly grace: bigint;
  readonly skipVerify: boolean;
  readonly identity: AgentIdentity;
  readonly shareProcesses: boolean | undefined;
  readonly setsContext: boolean;
  readonly cache: CacheSwitches;
  readonly shape: string;
  readonly injectToken: boolean;
  readonly templateConfig: AgentTemplateConfig;
  readonly exitOnError: boolean;
}

const NO_TOKEN: TokenMount = { name: "", mountPath: "", tokenPath: "" };

/**
 * Reads the annotations. The order of the lines is the injector's, because it reports the first of several invalid values.
 *
 * @returns the settings; complete only if the reader has no refusal
 */
export function readAgent(pod: InjectorPod, reader: Reader): Agent {
  const token = findToken(pod, reader) ?? NO_TOKEN;
  const secrets = listSecrets(reader);
  const initFirst = reader.bool("agent-init-first", false);
  const init = reader.bool("agent-pre-populate", true);
  const sidecar = !reader.bool("agent-pre-populate-only", false);
  const revokes = reader.bool("agent-revoke-on-shutdown", false);
  const grace = reader.uint("agent-revoke-grace");
  const skipVerify = reader.bool("tls-skip-verify", false);
  const identity = readIdentity(pod, reader);
  const shareProcesses = readShareProcesses(pod, reader);
  const setsContext = reader.bool("agent-set-security-context", true);
  const enable = reader.bool("agent-cache-enable", false);
  const cacheExitOnError = reader.bool("agent-cache-exit-on-err", false);
  const shape = readTemplateShape(reader);
  const injectToken = reader.bool("agent-inject-token", false);
  const templateConfig = readTemplateConfig(reader);
  const quit = reader.bool("agent-enable-quit", false);
  const exitOnError = reader.bool("agent-auto-auth-exit-on-err", false);
  const persist = enable && init && sidecar;
  return {
    ...{
      pod,
      token,
      awsToken: findAwsToken(pod, reader),
      secrets,
      initFirst,
      init,
      sidecar,
      revokes,
      grace,
      skipVerify,
    },
    ...{
      parameters: readAuthParameters(reader, token),
      identity,
      shareProcesses,
      setsContext,
      shape,
      injectToken,
    },
    ...{
      templateConfig,
      exitOnError,
      cache: { enable, exitOnError: cacheExitOnError, quit, persist, sidecar },
    },
  };
}

/** Refuses missing settings (vault-k8s `Validate`); with a ConfigMap, only those that the ConfigMap does not contain. */
export function validateAgent({ token }: Agent, reader: Reader): void {
  if (reader.text("agent-request-namespace") === "") {
    reader.refuse("namespace missing from request", "required", "agent-request-namespace");
  }
  if (token.name === "" || token.mountPath === "" || token.tokenPath === "") {
    reader.refuse("no service account token volume name, mount path or token path found", "token-mount");
  }
  if (reader.text("agent-image") === "") reader.refuse("no Vault image found", "required", "agent-image");
  if (reader.text("agent-configmap") !== "") return;
  const type = reader.text("auth-type");
  if (type === "") reader.refuse("no Vault Auth Type found", "required", "auth-type");
  const role = reader.text("role") || reader.text("auth-config-role");
  if (type === "kubernetes" && role === "") reader.refuse("no Vault role found", "role", "role");
  if (reader.text("auth-path") === "") reader.refuse("no Vault Auth Path found", "required", "auth-path");
  if (reader.text("service") === "") reader.refuse("no Vault address found", "required", "service");
}

/** Renders the configuration of one of the two agents. */
export function toConfig(agent: Agent, reader: Reader, init: boolean): AgentConfig {
  const templates = agent.secrets.map((secret) => toTemplate(secret, agent.shape));
  const telemetry = toTelemetry(reader);
  return {
    auto_auth: toAutoAuth(reader, agent.parameters, agent),
    exit_after_auth: init,
    pid_file: "/home/vault/.pid",
    vault: toVault(reader, agent.skipVerify),
    ...(templates.length === 0 ? {} : { template: templates }),
    ...toCache(reader, agent.cache, init),
    template_config: agent.templateConfig,
    ...toFeatures("disable_idle_connections", reader.text("agent-disable-idle-connections")),
    ...toFeatures("disable_keep_alives", reader.text("agent-disable-keep-alives")),
    ...(telemetry ? { telemetry } : {}),
  };
}

function toFeatures(name: string, value: string): Readonly<Record<string, readonly string[]>> {
  return value === "" ? {} : { [name]: value.split(",") };
}

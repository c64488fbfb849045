/**
 * Environment variables of the agent's containers. Reads `go-max-procs`, `client-timeout`, `client-max-retries`, `log-level`,
 * `log-format`, `proxy-address`, and for AWS `auth-type`.
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { renderJson } from "./go-json.ts";
import type { InjectorPod } from "./pod.ts";
import type { Reader } from "./reader.ts";
import { listVaultVariables } from "./vault.ts";

/** A variable of a container. */
export interface AgentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

const FIELDS = [
  ["NAMESPACE", "metadata.namespace"],
  ["HOST_IP", "status.hostIP"],
  ["POD_IP", "status.podIP"],
] as const;

const TEXTS = [
  ["GOMAXPROCS", "go-max-procs"],
  ["VAULT_CLIENT_TIMEOUT", "client-timeout"],
  ["VAULT_MAX_RETRIES", "client-max-retries"],
  ["VAULT_LOG_LEVEL", "log-level"],
  ["VAULT_LOG_FORMAT", "log-format"],
  ["HTTPS_PROXY", "proxy-address"],
] as const;

const AWS = ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_DEFAULT_REGION", "AWS_REGION"];

/** The inputs of the variables besides the annotations. */
export interface EnvironmentSource {
  readonly pod: InjectorPod;
  /** The agent's configuration; `undefined` if a ConfigMap has it. */
  readonly config: object | undefined;
  readonly skipVerify: boolean;
  /** Parameters of the auth method. */
  readonly parameters: Readonly<Record<string, string>>;
  /** PEM, or PEM in base64, from the injector's options. */
  readonly caCertBytes: string;
}

/** Lists the variables (vault-k8s `ContainerEnvVars`). */
export function listVariables(reader: Reader, source: EnvironmentSource): AgentVariable[] {
  const fields = FIELDS.map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }));
  return [...fields, ...[...listTexts(reader, source)].map(([name, value]) => toVariable(name, value))];
}

function* listTexts(reader: Reader, source: EnvironmentSource): Generator<readonly [string, string]> {
  const { config, skipVerify, caCertBytes, parameters } = source;
  for (const [variable, name] of TEXTS) if (reader.text(name) !== "") yield [variable, reader.text(name)];
  if (config) yield ["VAULT_CONFIG", encodeBase64(renderJson(config))];
  else yield* listVaultVariables(reader, skipVerify);
  if (caCertBytes !== "") yield ["VAULT_CACERT_BYTES", decodeBase64(caCertBytes) ?? caCertBytes];
  if (reader.text("auth-type") !== "aws") return;
  yield* findAwsVariables(source.pod);
  if (parameters.region !== undefined) yield ["AWS_REGION", parameters.region];
}

/** @returns the first value of each AWS variable in the app containers; the injector's own order is random */
function findAwsVariables(pod: InjectorPod): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { env } of pod.containers) {
    for (const { name, value } of env) if (AWS.includes(name) && !found.has(name)) found.set(name, value);
  }
  return found;
}

function toVariable(name: string, value: string): AgentVariable {
  return value === "" ? { name } : { name, value };
}

/**
 * Connection to the Vault server. Reads `service`, `ca-cert`, `ca-key`, `client-cert`, `client-key`, `tls-server-name`,
 * `tls-skip-verify`.
 */
import type { Reader } from "./reader.ts";

/** `vault` of the agent's configuration; fields without a value are absent. */
export interface AgentVault {
  readonly address: string;
  readonly ca_cert?: string;
  readonly ca_path?: string;
  readonly tls_skip_verify?: true;
  readonly client_cert?: string;
  readonly client_key?: string;
  readonly tls_server_name?: string;
}

/** Renders `vault`. */
export function toVault(reader: Reader, skipVerify: boolean): AgentVault {
  return {
    address: reader.text("service"),
    ...optional("ca_cert", reader.text("ca-cert")),
    ...optional("ca_path", reader.text("ca-key")),
    ...(skipVerify ? { tls_skip_verify: true } : {}),
    ...optional("client_cert", reader.text("client-cert")),
    ...optional("client_key", reader.text("client-key")),
    ...optional("tls_server_name", reader.text("tls-server-name")),
  };
}

function optional(name: string, value: string): Readonly<Record<string, string>> {
  return value === "" ? {} : { [name]: value };
}

/** @returns the same settings as environment variables, for an agent whose configuration comes from a ConfigMap */
export function* listVaultVariables(
  reader: Reader,
  skipVerify: boolean,
): Generator<readonly [string, string]> {
  const first = [
    ["VAULT_ADDR", "service"],
    ["VAULT_CACERT", "ca-cert"],
    ["VAULT_CAPATH", "ca-key"],
    ["VAULT_CLIENT_CERT", "client-cert"],
    ["VAULT_CLIENT_KEY", "client-key"],
  ] as const;
  for (const [variable, name] of first) if (reader.text(name) !== "") yield [variable, reader.text(name)];
  yield ["VAULT_SKIP_VERIFY", String(skipVerify)];
  const server = reader.text("tls-server-name");
  if (server !== "") yield ["VAULT_TLS_SERVER_NAME", server];
}

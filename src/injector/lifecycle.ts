/**
 * The sidecar's actions when the pod ends. Reads `agent-revoke-on-shutdown`, `agent-revoke-grace`, `service`, `ca-cert`,
 * `client-cert`, `client-key`.
 */
import type { Reader } from "./reader.ts";

/** Renders the sidecar's lifecycle (vault-k8s `createLifecycle`); empty if it does not revoke its token. */
export function toLifecycle(
  reader: Reader,
  revokes: boolean,
  grace: bigint,
): Readonly<Record<string, unknown>> {
  if (!revokes) return {};
  const optional = ["ca-cert", "client-cert", "client-key"].filter((name) => reader.text(name) !== "");
  const flags = [
    `-address=${reader.text("service")}`,
    ...optional.map((name) => `-${name}=${reader.text(name)}`),
    "-self",
  ];
  const command = `/bin/sleep ${grace} && /bin/vault token revoke ${flags.join(" ")}`;
  return { preStop: { exec: { command: ["/bin/sh", "-c", command] } } };
}

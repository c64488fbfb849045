/** Fills in defaults of annotations from the injector's options (vault-k8s `agent.Init`). */
import type { InjectorSettings } from "./flags.ts";
import { parseGoDuration } from "./go.ts";
import { refuseDuration } from "./go-error.ts";
import { decodeJsonPatch } from "./json-patch.ts";
import { DEFAULT_VOLUME_PATH } from "./parts.ts";
import type { Cause } from "./reader.ts";
import { vaultKey } from "./vocabulary.ts";

/** The annotations with all defaults, or why the injector refuses the pod. */
export type Filled =
  | { readonly values: ReadonlyMap<string, string>; readonly error?: undefined }
  | { readonly error: string; readonly cause: Cause; readonly name?: string };

/**
 * Fills in the defaults.
 *
 * @param own annotations by name, without the domain
 * @param containers names of the app containers, which all get the volume by default
 */
export function fillDefaults(
  own: ReadonlyMap<string, string>,
  settings: InjectorSettings,
  namespace: string,
  containers: readonly string[],
): Filled {
  if (settings.address === "") return { error: "address for Vault required", cause: "required" };
  if (settings.authPath === "") return { error: "Vault Auth Path required", cause: "required" };
  if (namespace === "") return { error: "kubernetes namespace required", cause: "namespace" };
  const values = new Map(own);
  for (const [name, fallback] of listDefaults(settings, namespace, containers)) {
    if (!values.has(name)) values.set(name, fallback);
  }
  if (settings.setSecurityContext === "false" && turnsContextOn(own)) {
    values.set("agent-set-security-context", "true");
  }
  return refuseBackoff(own, "min") ?? refuseBackoff(own, "max") ?? refusePatches(own) ?? { values };
}

function* listDefaults(
  settings: InjectorSettings,
  namespace: string,
  containers: readonly string[],
): Generator<readonly [name: string, fallback: string]> {
  yield ["service", settings.address];
  yield ["auth-type", settings.authType || "kubernetes"];
  yield ["auth-path", settings.authPath];
  yield ["namespace", settings.namespace];
  yield ["proxy-address", settings.proxyAddress];
  yield ["agent-image", settings.image || "hashicorp/vault:2.0.4"];
  yield ["agent-request-namespace", namespace];
  yield ["agent-limits-cpu", settings.limitCpu];
  yield ["agent-limits-mem", settings.limitMemory];
  yield ["agent-limits-ephemeral", settings.limitEphemeral];
  yield ["agent-requests-cpu", settings.requestCpu];
  yield ["agent-requests-mem", settings.requestMemory];
  yield ["agent-requests-ephemeral", settings.requestEphemeral];
  yield ["secret-volume-path", DEFAULT_VOLUME_PATH];
  yield ["agent-revoke-on-shutdown", settings.revokeOnShutdown];
  yield ["agent-revoke-grace", "5"];
  yield ["log-level", "info"];
  yield ["log-format", "standard"];
  yield ["agent-set-security-context", settings.setSecurityContext];
  yield ["agent-run-as-user", settings.runAsUser || "100"];
  yield ["agent-run-as-same-user", settings.runAsSameUser];
  yield ["agent-run-as-group", settings.runAsGroup || "1000"];
  yield ["agent-cache-listener-port", "8200"];
  yield ["agent-cache-use-auto-auth-token", "true"];
  yield ["agent-inject-containers", containers.join(",")];
  yield ["agent-inject-default-template", settings.defaultTemplate];
  yield ["template-config-exit-on-retry-failure", settings.exitOnRetryFailure];
  yield ["template-static-secret-render-interval", settings.renderInterval];
  yield ["template-max-connections-per-host", settings.maxConnections || "0"];
  yield ["auth-min-backoff", settings.minBackoff];
  yield ["auth-max-backoff", settings.maxBackoff];
  yield ["agent-disable-idle-connections", settings.disableIdleConnections];
  yield ["agent-disable-keep-alives", settings.disableKeepAlives];
}

/** An injector with security contexts switched off still sets one if a pod names a user or a group. */
function turnsContextOn(own: ReadonlyMap<string, string>): boolean {
  if (own.has("agent-set-security-context")) return false;
  return ["agent-run-as-user", "agent-run-as-same-user", "agent-run-as-group"].some((name) => own.has(name));
}

function refuseBackoff(own: ReadonlyMap<string, string>, which: "min" | "max"): Filled | undefined {
  const name = `auth-${which}-backoff`;
  const value = own.get(name) ?? "";
  if (value === "" || parseGoDuration(value) !== undefined) return undefined;
  return {
    error: `error parsing ${which} backoff as duration: ${refuseDuration(value)}`,
    cause: "value",
    name,
  };
}

function refusePatches(own: ReadonlyMap<string, string>): Filled | undefined {
  for (const name of ["agent-json-patch", "agent-init-json-patch"] as const) {
    const patch = own.get(name) ?? "";
    const { error } = patch === "" ? {} : decodeJsonPatch(patch);
    if (error === undefined) continue;
    return {
      error: `error parsing JSON patch for annotation ${vaultKey(name)}: ${error}`,
      cause: "json-patch",
      name,
    };
  }
  return undefined;
}

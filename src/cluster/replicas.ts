/** Reads the state of this webhook's replicas. */
import { isObject } from "../core/json.ts";
import type { Known, Replica } from "../diagnose/doctor-facts.ts";
import { toList } from "../diagnose/evidence.ts";
import { readText } from "../preview/input/identify.ts";
import { withForward } from "./forward.ts";
import type { KubectlOptions } from "./kubectl.ts";
import { readList, toReason } from "./read.ts";

/** Pods that review; those of the preview have another configuration. */
const SELECTOR = "app.kubernetes.io/name=flyte-vault-webhook,app.kubernetes.io/component=admission";
/** Name of the container's port, and its number by default (`server.management.port`). */
const PORT_NAME = "management";
const DEFAULT_PORT = 8080;
/** How the API server and kubectl say that a user may not forward ports. */
const MAY_NOT = /forbidden|Unauthorized|cannot create resource/i;

/**
 * Asks each replica through a forwarded port, which also reaches listeners on the pod's loopback.
 *
 * @returns the replicas; a pod to which kubectl cannot forward is not ready
 */
export async function readReplicas(
  options: KubectlOptions & { readonly args: readonly string[] },
): Promise<Known<readonly Replica[]>> {
  const pods = await readList(["get", "pods", "-A", "-l", SELECTOR, ...options.args, "-o", "json"], options);
  if (!pods.ok) return pods;
  if (pods.value.length === 0) return { ok: false, reason: "no pod of this webhook runs in the cluster" };
  const asked = await Promise.all(
    toList(pods.value).map(async ({ metadata, spec }) => {
      const [pod, namespace] = [readText(metadata, "name"), readText(metadata, "namespace")];
      const port = findPort(spec);
      const seen = await withForward(`pod/${pod}`, namespace, port, options.args, options, askReadiness);
      return seen.ok
        ? { pod, mayForward: true, ...seen.value }
        : { pod, mayForward: !MAY_NOT.test(toReason(seen)), isReady: false, detail: toReason(seen) };
    }),
  );
  const refused = asked.find(({ mayForward }) => !mayForward);
  if (refused) return { ok: false, reason: refused.detail };
  return { ok: true, value: asked.map(({ pod, isReady, detail }) => ({ pod, isReady, detail })) };
}

function findPort(spec: unknown): number {
  const containers = isObject(spec) ? toList(spec.containers) : [];
  const port = containers
    .flatMap(({ ports }) => toList(ports))
    .find(({ name }) => name === PORT_NAME)?.containerPort;
  return typeof port === "number" ? port : DEFAULT_PORT;
}

async function askReadiness(port: number): Promise<Omit<Replica, "pod">> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_000) });
    const body: unknown = await response.json();
    const checks = isObject(body) && isObject(body.checks) ? body.checks : {};
    return { isReady: response.ok, detail: readText(checks.config, "detail") || `status ${response.status}` };
  } catch (error) {
    return { isReady: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

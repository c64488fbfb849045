/**
 * Example: secrets before everything else that runs in the pod.
 *
 * The injector puts its init container last. Where the pod's own init containers read secrets, or a service mesh's init
 * container sends all traffic to a proxy that does not run yet, the agent has to come first.
 *
 * @example
 * - use: ./plugins/mesh-order.ts
 *   when: { labels: { "sidecar.istio.io/inject": "true" } }
 */
import { definePlugin } from "flyte-vault-webhook/plugin";

const FIRST = "vault.hashicorp.com/agent-init-first";

export default definePlugin({
  name: "mesh-order",
  description: "Runs the Vault Agent before the pod's own init containers",
  writes: [FIRST],
  setup: () => ({ annotations: () => ({ [FIRST]: "true" }) }),
});

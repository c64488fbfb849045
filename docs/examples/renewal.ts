/**
 * Example: secrets that are renewed while the pod lives.
 *
 * The webhook lets the agent write the secrets once and go, as tasks want it. A Ray cluster or a service lives for weeks:
 * there a sidecar reads the secrets again, and the task reads the file when it needs it. Never for pods that run to
 * completion: with a sidecar they would never complete.
 *
 * @example
 * - use: ./plugins/renewal.ts
 *   when: { labels: { "ray.io/cluster": "*" } }
 *   with: { every: 10m }
 */
import { checkAnnotation, definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const ONLY = "vault.hashicorp.com/agent-pre-populate-only";
const EVERY = "vault.hashicorp.com/template-static-secret-render-interval";
const REVOKE = "vault.hashicorp.com/agent-revoke-on-shutdown";

export default definePlugin({
  name: "renewal",
  description: "Renews the secrets of pods that live long, by a sidecar",
  writes: [ONLY, EVERY, REVOKE],
  options: v.strictObject({
    every: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty(),
        v.check((text) => checkAnnotation(EVERY, text).length === 0, "a duration such as 10m"),
      ),
      "5m",
    ),
  }),
  setup: ({ every }) => ({
    annotations: ({ pod }) =>
      runsToCompletion(pod) ? {} : { [ONLY]: "false", [EVERY]: every, [REVOKE]: "true" },
  }),
});

function runsToCompletion({ spec }: Readonly<Record<string, unknown>>): boolean {
  const policy =
    typeof spec === "object" && spec !== null && "restartPolicy" in spec ? spec.restartPolicy : "Always";
  return policy !== "Always";
}

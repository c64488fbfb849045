/**
 * Example: a whole secret in one file, as JSON.
 *
 * A task that asks for `Secret(group="secret/data/team", key="all.json", group_version="kv2")` finds every key of the
 * secret in `/etc/flyte/secrets/secret/data/team/all.json`. Secrets change their shape without the task's image changing.
 *
 * @example
 * - use: ./plugins/whole-secret.ts
 */
import { definePlugin } from "flyte-vault-webhook/plugin";

const KEY = "all.json";
/** Paths that need no care in a template; others keep the webhook's own. */
const PLAIN = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;
/** Where the agent finds the keys of a secret, by engine. */
const DATA: ReadonlyMap<string, string> = new Map([
  ["kv1", ".Data"],
  ["kv2", ".Data.data"],
]);

export default definePlugin({
  name: "whole-secret",
  description: `Writes the whole secret as JSON where a task asks for the key ${KEY}`,
  writes: ["vault.hashicorp.com/agent-inject-template-*"],
  setup: () => ({
    annotations: ({ requests, files }) => {
      const templates: Record<string, string> = {};
      for (const [annotation, { group, group_version, key }] of Object.entries(requests)) {
        const data = DATA.get(group_version);
        if (key !== KEY || data === undefined || !PLAIN.test(group)) continue;
        const template = `{{- with secret "${group}" -}}{{ ${data} | toJSON }}{{- end -}}`;
        for (const file of files[annotation] ?? []) templates[file.keys.template] = template;
      }
      return templates;
    },
  }),
});

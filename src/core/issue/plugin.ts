/** What can be wrong with a configured plugin before a pod has come. */
import { defineIssues, quote } from "./issue.ts";

export const pluginIssues = defineIssues({
  "plugin.not-found": {
    severity: "deny",
    message: (f: { use: string }) => `Cannot load the plugin ${quote(f.use)}: no loader knows it`,
    help: "Hand createEngine a resolvePlugin that knows it, or remove the entry from `plugins`",
  },
});

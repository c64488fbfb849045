/** Messages about limitations of a runtime, reported at every start (docs/operations.md, "Runtimes"). */
import { defineIssues } from "./define.ts";

/** Issues about a runtime, by code. */
export const runtimeIssues = defineIssues({
  "runtime.rotation-resets": {
    severity: "info",
    message: () =>
      "Bun cannot change the certificate of a listener: after a renewal a second listener takes over, and a few connections that are just being opened may be reset",
    help: "Nothing to do: connections in use are not affected, and the API server opens new ones; on Node and Deno none are reset",
  },
  "runtime.threads-outlive": {
    severity: "warning",
    message: () =>
      "Deno cannot end a thread that loops: a plugin that exceeds its timeout is abandoned at once, but uses CPU until the process ends",
    help: "Use Bun or Node if you run plugins written by others; when the alert FlyteVaultWebhookPluginFails fires, restart the pod",
  },
});

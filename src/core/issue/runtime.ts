/** What a runtime cannot do that another one can; told at every start (docs/operations.md, "Runtimes"). */
import { defineIssues } from "./issue.ts";

export const runtimeIssues = defineIssues({
  "runtime.rotation-resets": {
    severity: "info",
    message: () =>
      "Bun cannot change the certificate of a listener: when it is renewed, a second listener takes over, and a few connections that are just being opened may be reset",
    help: "Nothing to do: connections in use are not disturbed, and the API server opens another; Node and Deno lose none",
  },
  "runtime.threads-outlive": {
    severity: "warning",
    message: () =>
      "Deno cannot end a thread that loops: a plugin that overran its timeout is left behind at once, but goes on taking CPU until the process ends",
    help: "Serve with Bun or Node where plugins are not your own; FlyteVaultWebhookPluginFails tells of an overrun: restart the pod then",
  },
});

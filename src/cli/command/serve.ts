/** `serve`: the webhook itself. */
import { defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import { CONFIG } from "../options.ts";

/** Runs the server in this process; returns when a signal has ended it and its connections are drained. */
export const serve = defineCommand({
  name: "serve",
  summary: "Serve the webhook until a signal ends it",
  usage: "[--config PATH]… [--role ROLE]",
  about: `The role says which listeners are opened: admission (TLS, /mutate, for the API server), management (/preview and
health), or all. Two Deployments, one for each, keep previews away from admissions.`,
  options: {
    config: CONFIG,
    role: {
      type: "text",
      value: "ROLE",
      summary: "Which listeners to open",
      choices: ["all", "admission", "management"],
      default: "all",
    },
  },
  run: ({ values }, { io, deps }) =>
    deps.serve({ configPaths: toConfigPaths(values.config, io), role: values.role }),
});

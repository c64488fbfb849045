/** Every command, in the order of help. To add one, write a file in command/ and add a line here. */

import { serve } from "./command/serve.ts";
import type { Command } from "./command.ts";

/** Loads a command's file when it is asked for, so that the server and short commands start faster. */
const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => serve,
  preview: async () => (await import("./command/preview.ts")).preview,
  "secrets encode": async () => (await import("./command/secrets-encode.ts")).secretsEncode,
  "secrets decode": async () => (await import("./command/secrets-decode.ts")).secretsDecode,
  "config check": async () => (await import("./command/config-check.ts")).configCheck,
  "config schema": async () => (await import("./command/config-schema.ts")).configSchema,
  manifests: async () => (await import("./command/manifests.ts")).manifests,
  "diagnose pod": async () => (await import("./command/diagnose-pod.ts")).diagnosePodCommand,
  doctor: async () => (await import("./command/doctor.ts")).doctor,
  "migrate config": async () => (await import("./command/migrate-config.ts")).migrateConfigCommand,
  "migrate report": async () => (await import("./command/migrate-report.ts")).migrateReport,
  "migrate plan": async () => (await import("./command/migrate-plan.ts")).migratePlan,
  certs: async () => (await import("./command/certs.ts")).certs,
  explain: async () => (await import("./command/explain.ts")).explain,
  "plugins list": async () => (await import("./command/plugins-list.ts")).pluginsList,
  "plugins new": async () => (await import("./command/plugins-new.ts")).pluginsNew,
  "plugins describe": async () => (await import("./command/plugins-describe.ts")).pluginsDescribe,
  "plugins test": async () => (await import("./command/plugins-test.ts")).pluginsTest,
};

/** Loads every command. */
export function loadAllCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(LOADERS).map((load) => load()));
}

/**
 * Loads what some arguments need.
 *
 * @param argv arguments after the program's name
 * @returns the command that they name; none for `--version`; else all commands, for help and for suggestions
 */
export async function loadCommands(argv: readonly string[]): Promise<readonly Command[]> {
  const [first = "", second = ""] = argv;
  if (first === "--version") return [];
  const name = [`${first} ${second}`, first].find((each) => Object.hasOwn(LOADERS, each));
  const load = name === undefined ? undefined : LOADERS[name];
  return load ? [await load()] : loadAllCommands();
}

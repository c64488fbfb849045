/** Hands the adapters to the command line. */
import process from "node:process";
import manifest from "../../package.json" with { type: "json" };
import type { CliDeps } from "../cli/deps.ts";
import { Exit } from "../cli/exit.ts";
import { createIo } from "../cli/io.ts";
import { reportThrown, runCli } from "../cli/main.ts";
import { loadConfig } from "../config/load.ts";
import { jsonSchema } from "../config/schema-file.ts";
import { success } from "../core/result.ts";
import { createEngine } from "../host/engine.ts";
import { type Listener, serve } from "./serve.ts";

/**
 * Runs the command line of this process, and ends it with the command's exit code.
 *
 * @param listen how this runtime serves an address
 */
export async function main(listen: Listener): Promise<void> {
  const io = createIo();
  const code = await runCli(process.argv.slice(2), io, createDeps(listen));
  const failed = await io.flush();
  if (failed) {
    reportThrown(io, failed);
    await io.flush();
  }
  process.exit(failed ? Exit.usage : code);
}

/** @returns what the commands need of the other adapters. */
export function createDeps(listen: Listener): CliDeps {
  return {
    version: manifest.version,
    schema: jsonSchema,
    load: async (paths, env) => {
      const loaded = await loadConfig(paths, env);
      if (!loaded.ok) return loaded;
      const { config: settings, files } = loaded.value;
      const built = await createEngine(settings);
      const issues = [...loaded.issues, ...built.issues];
      return built.ok ? success({ engine: built.value, settings, files }, issues) : built;
    },
    serve: (options) => serve(options, listen),
  };
}

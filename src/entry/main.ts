/** Hands the adapters to the command line. */
import { resolve } from "node:path";
import process from "node:process";
import manifest from "../../package.json" with { type: "json" };
import type { CliDeps } from "../cli/deps.ts";
import { Exit } from "../cli/exit.ts";
import { createIo } from "../cli/io.ts";
import { reportThrown, runCli } from "../cli/main.ts";
import { jsonSchema } from "../config/schema-file.ts";
import { success } from "../core/result.ts";
import { describeBundled, describeUse } from "../host/plugin/describe.ts";
import { runPluginTests } from "../host/plugin/run-tests.ts";
import { createSnapshots, type Snapshots } from "../host/plugin/snapshot.ts";
import { COMPONENTS } from "../kubernetes/read.ts";
import type { Listener } from "../listen/listener.ts";
import { loadEngine } from "./load.ts";
import { renderInstallation } from "./manifests.ts";
import { serve } from "./serve.ts";

/**
 * Runs the command line of this process, and ends it with the command's exit code.
 *
 * @param listen how this runtime serves an address
 */
export async function main(listen: Listener): Promise<void> {
  const io = createIo();
  const snapshots = createSnapshots();
  const code = await runCli(process.argv.slice(2), io, createDeps(listen, snapshots));
  await snapshots.close();
  const failed = await io.flush();
  if (failed) {
    reportThrown(io, failed);
    await io.flush();
  }
  process.exit(failed ? Exit.usage : code);
}

/** @returns what the commands need of the other adapters. */
export function createDeps(listen: Listener, snapshots: Snapshots): CliDeps {
  return {
    version: manifest.version,
    schema: jsonSchema,
    load: async (paths, env) => {
      const loaded = await loadEngine(paths, {
        env,
        snapshots,
        reportEvent: () => {},
        reportFailure: () => {},
      });
      if (!loaded.ok) return loaded;
      const { engine, config: settings, files } = loaded.value;
      return success({ engine, settings, files }, loaded.issues);
    },
    plugins: {
      list: describeBundled,
      describe: (use, cwd) => describeUse(use, snapshots, cwd),
      test: (folder, cwd) => runPluginTests(resolve(cwd, folder), snapshots),
    },
    manifests: { components: COMPONENTS, render: renderInstallation },
    serve: (options) => serve(options, listen),
  };
}

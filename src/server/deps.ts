/** Connects the command line to the other adapters, which it must not import itself. */
import { resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import type { CliDeps } from "../cli/deps.ts";
import { escapeControls } from "../core/printable.ts";
import { success } from "../core/result.ts";
import { createMemoryWatch } from "../host/plugin/memory-watch.ts";
import type { Snapshots } from "../host/plugin/snapshot.ts";
import { COMPONENTS } from "../kubernetes/components.ts";
import { loadEngine } from "./load.ts";

/**
 * Creates what the commands need from the other adapters.
 *
 * @param serveAddresses serves until a signal ends it
 * @param snapshots where plugins are copied to; the caller closes it
 * @param print takes what plugins print, in lines that name them
 */
export function createDeps(
  serveAddresses: CliDeps["serve"],
  snapshots: Snapshots,
  print: (text: string) => void = () => {},
): CliDeps {
  return {
    version: manifest.version,
    loadSchema: async () => (await import("../config/schema-file.ts")).jsonSchema,
    load: async (paths, env) => {
      const loaded = await loadEngine(paths, {
        env,
        snapshots,
        memory: createMemoryWatch({ report: () => {} }),
        reportEvent: ({ kind, plugin, detail }) => {
          if (kind === "printed") print(`plugin ${escapeControls(plugin)}: ${escapeControls(detail)}\n`);
        },
        reportFailure: () => {},
      });
      if (!loaded.ok) return loaded;
      const { engine, config: settings, files } = loaded.value;
      return success({ engine, settings, files }, loaded.issues);
    },
    plugins: {
      list: async () => (await loadDescribe()).describeBundled(),
      describe: async (use, cwd) => (await loadDescribe()).describeUse(use, snapshots, cwd),
      test: async (folder, cwd) => {
        const { runPluginTests } = await import("../host/authoring/run-tests.ts");
        return runPluginTests(resolve(cwd, folder), snapshots);
      },
    },
    certificates: {
      create: async (order) => (await loadCreate()).createCertificates({ ...order, now: Date.now() }),
      renderSecret: async (made, name, namespace) => (await loadCreate()).renderSecret(made, name, namespace),
    },
    manifests: {
      components: COMPONENTS,
      render: async (options) => (await import("./manifests.ts")).renderInstallation(options),
    },
    cluster: createClusterDeps(),
    serve: serveAddresses,
  };
}

function createClusterDeps(): CliDeps["cluster"] {
  return {
    start: async (args, { env, cwd }) => (await loadKubectl()).startKubectl(args, { env, cwd }),
    collect: async (what, { env, cwd }) => {
      const { readKubectl } = await loadKubectl();
      // If the cluster cannot be reached, report that once instead of once per check.
      const version = await readKubectl(["version", ...what.args, "-o", "json"], { env, cwd });
      if (!version.ok) return version;
      const { collectFacts } = await import("../cluster/collect.ts");
      return success(await collectFacts({ ...what, env, cwd, now: Date.now() }));
    },
    findServerFault: async (webhook, args, { env, cwd }) => {
      const { findServerFault } = await import("../cluster/certificates.ts");
      return findServerFault(webhook, { args, env, cwd });
    },
    read: async (args, { env, cwd }, input) =>
      (await loadKubectl()).readKubectl(args, { env, cwd, ...(input !== undefined && { input }) }),
  };
}

// Imported on first use: `serve` needs none of these, and every module delays its start.
const loadDescribe = () => import("../host/authoring/describe.ts");
const loadKubectl = () => import("../cluster/kubectl.ts");
const loadCreate = () => import("../tls/create.ts");

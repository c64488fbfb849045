/** What can be wrong with a plugin: when it is loaded, and when a pod comes. */
import { defineIssues, quote } from "./issue.ts";

interface Failed {
  readonly plugin: string;
  readonly reason: string;
}

interface Loaded {
  /** Where the entry stands, such as `plugins[0]`. */
  readonly at: string;
  readonly use: string;
}

const TELL = "Tell the platform team; the webhook's log says more";

export const pluginIssues = defineIssues({
  "plugin.failed": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} failed; the reason is in the webhook's log`,
    help: "Tell the platform team, who find the plugin's stack in the webhook's log",
  },
  "plugin.timeout": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} did not answer in time`,
    help: "Try again; if it stays so, tell the platform team",
  },
  "plugin.stopped": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} has stopped: ${f.reason}`,
    help: TELL,
  },
  "plugin.answer": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} is at fault: ${f.reason}`,
    help: TELL,
  },
  "plugin.writes": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} is at fault: ${f.reason}`,
    help: "Tell the platform team: the key belongs into the plugin's `writes`, and one outside the injector's own into `allow` too",
  },
  "plugin.skipped": {
    severity: "warning",
    message: (f: { plugin: string; cause: string }) => `Went on without it (onError: skip): ${f.cause}`,
    help: "Look whether the task works without what the plugin adds, and tell the platform team",
  },
  "plugin.not-found": {
    severity: "deny",
    message: (f: Loaded & { reason: string; nearest?: string | undefined }) =>
      `${f.at}: cannot find the plugin ${quote(f.use)}: ${f.reason}`,
    help: (f: Loaded & { reason: string; nearest?: string | undefined }) =>
      f.nearest === undefined
        ? "Name a bundled plugin (`plugins list`), a file that begins with ./ or /, or an installed package"
        : `Did you mean ${f.nearest}?`,
  },
  "plugin.import": {
    severity: "deny",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: cannot load the plugin ${quote(f.use)}: ${f.reason}`,
    help: "Correct the file; it may import `flyte-vault-webhook/plugin`, `valibot`, and files of its own folder",
  },
  "plugin.folder": {
    severity: "deny",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: cannot load the plugin ${quote(f.use)}: ${f.reason}`,
    help: "Keep the plugin in a folder of its own, with nothing but what it imports",
  },
  "plugin.definition": {
    severity: "deny",
    message: (f: Loaded & { reason: string }) => `${f.at}: ${quote(f.use)} is no plugin: ${f.reason}`,
    help: "Write `export default definePlugin({ name, description, writes, setup })`",
  },
  "plugin.options": {
    severity: "deny",
    message: (f: Loaded & { path: string; reason: string; nearest?: string | undefined }) =>
      `${f.at}: the plugin ${quote(f.use)} refuses ${f.path}: ${f.reason}`,
    help: (f: Loaded & { path: string; reason: string; nearest?: string | undefined }) =>
      f.nearest === undefined
        ? "Correct the entry's `with`; `plugins describe` shows what it takes"
        : `Did you mean ${f.nearest}?`,
  },
  "plugin.setup": {
    severity: "deny",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: the plugin ${quote(f.use)} failed in setup: ${f.reason}`,
    help: "Correct the entry's `with`, or the plugin",
  },
  "plugin.worker": {
    severity: "deny",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: no worker for the plugin ${quote(f.use)}: ${f.reason}`,
    help: "Correct the plugin; while it is imported and set up it has ten seconds",
  },
  "plugin.unnamed": {
    severity: "error",
    message: (f: { command: string; wanted: string }) => `${f.command} needs ${f.wanted}`,
    help: (f: { command: string; wanted: string }) => `See \`flyte-vault-webhook ${f.command} --help\``,
  },
  "plugin.name-unfit": {
    severity: "error",
    message: (f: { name: string }) =>
      `A plugin cannot be named ${quote(f.name)}: wanted is one name of lower-case words with dashes`,
    help: "Name it as in `plugins new cost-center`",
  },
  "plugin.exists": {
    severity: "error",
    message: (f: { file: string }) => `There is a file ${quote(f.file)} already, and it is left alone`,
    help: "Choose another name, or another folder with --in",
  },
  "plugin.tests-missing": {
    severity: "error",
    message: (f: { folder: string; reason: string }) =>
      `There are no tests to run in ${quote(f.folder)}: ${f.reason}`,
    help: "Give the plugin's folder, which has a file that ends in .test.ts; `plugins new` writes one",
  },
  "plugin.tests-runner": {
    severity: "error",
    message: () => "Plugins' tests run on Bun, and this is another runtime",
    help: "Start the command line with Bun (`npm run -s cli` does), or run the tests with a runner of your own",
  },
  "engine.self-test": {
    severity: "deny",
    message: (f: { reason: string; help: string }) =>
      `The engine of this configuration fails on a plain pod: ${f.reason}`,
    help: (f: { reason: string; help: string }) => f.help,
  },
  "plugin.candidate": {
    severity: "deny",
    message: (f: Loaded) =>
      `${f.at}: the plugin ${quote(f.use)} is not loaded, and a candidate configuration cannot load code`,
    help: "Use plugins of the running configuration, or bundled ones",
  },
});

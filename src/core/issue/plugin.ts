/** Messages about plugins, when they are loaded and when they review a pod. */
import { defineIssues, quote } from "./define.ts";

interface Failed {
  readonly plugin: string;
  readonly reason: string;
}

interface Loaded {
  /** Path of the entry in the configuration, such as `plugins[0]`. */
  readonly at: string;
  readonly use: string;
}

/** The result of an entry on the sample pods. */
interface Failing extends Loaded {
  readonly hook: string;
  readonly reason: string;
  readonly failed: number;
  readonly reviewed: number;
}

const TELL = "Tell the platform team; the webhook's log has the details";

/** Issues about plugins, by code. */
export const pluginIssues = defineIssues({
  "plugin.failed": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} failed; the webhook's log has the reason`,
    help: "Tell the platform team",
  },
  "plugin.timeout": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} did not answer in time`,
    help: "Try again; if it happens again, tell the platform team",
  },
  "plugin.stopped": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} has stopped: ${f.reason}`,
    help: TELL,
  },
  "plugin.answer": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} gave an invalid answer: ${f.reason}`,
    help: TELL,
  },
  "plugin.writes": {
    severity: "deny",
    message: (f: Failed) => `The plugin ${f.plugin} gave an invalid answer: ${f.reason}`,
    help: "Tell the platform team: add the key to the plugin's `writes`, and to the entry's `allow` if it is not an injector annotation",
  },
  "plugin.skipped": {
    severity: "warning",
    message: (f: { plugin: string; cause: string }) => `Skipped a plugin (onError: skip): ${f.cause}`,
    help: "Check whether the task works without what the plugin adds, and tell the platform team",
  },
  "plugin.not-found": {
    severity: "error",
    message: (f: Loaded & { reason: string; nearest?: string | undefined }) =>
      `${f.at}: cannot find the plugin ${quote(f.use)}: ${f.reason}`,
    help: (f: Loaded & { reason: string; nearest?: string | undefined }) =>
      f.nearest === undefined
        ? "Name a bundled plugin (`plugins list`), a file that begins with ./ or /, or an installed package"
        : `Did you mean ${f.nearest}?`,
  },
  "plugin.import": {
    severity: "error",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: cannot load the plugin ${quote(f.use)}: ${f.reason}`,
    help: "Correct the file; a plugin can import `flyte-vault-webhook/plugin`, `valibot`, files in its own folder, and packages in the nearest node_modules, in that folder or one above it",
  },
  "plugin.folder": {
    severity: "error",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: cannot load the plugin ${quote(f.use)}: ${f.reason}`,
    help: "Keep the plugin in its own folder, with only the files that it imports",
  },
  "plugin.definition": {
    severity: "error",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: ${quote(f.use)} does not export a valid plugin: ${f.reason}`,
    help: "Write `export default definePlugin({ name, description, writes, setup })`",
  },
  "plugin.options": {
    severity: "error",
    message: (f: Loaded & { path: string; reason: string; nearest?: string | undefined }) =>
      `${f.at}: the plugin ${quote(f.use)} does not accept ${f.path}: ${f.reason}`,
    help: (f: Loaded & { path: string; reason: string; nearest?: string | undefined }) =>
      f.nearest === undefined
        ? "Correct the entry's `with`; `plugins describe` shows its options"
        : `Did you mean ${f.nearest}?`,
  },
  "plugin.setup": {
    severity: "error",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: the plugin ${quote(f.use)} failed in setup: ${f.reason}`,
    help: "Correct the entry's `with`, or the plugin",
  },
  "plugin.worker": {
    severity: "error",
    message: (f: Loaded & { reason: string }) =>
      `${f.at}: cannot start a worker for the plugin ${quote(f.use)}: ${f.reason}`,
    help: "Correct the plugin; importing it and its setup may take ten seconds",
  },
  "plugin.unnamed": {
    severity: "error",
    message: (f: { command: string; expected: string }) => `${f.command} needs ${f.expected}`,
    help: (f: { command: string; expected: string }) => `See \`flyte-vault-webhook ${f.command} --help\``,
  },
  "plugin.name-unfit": {
    severity: "error",
    message: (f: { name: string }) =>
      `Invalid plugin name ${quote(f.name)}: expected lower-case words joined by dashes`,
    help: "Name it as in `plugins new cost-center`",
  },
  "plugin.exists": {
    severity: "error",
    message: (f: { file: string }) => `File ${quote(f.file)} already exists; not overwritten`,
    help: "Choose another name, or another folder with --in",
  },
  "plugin.tests-missing": {
    severity: "error",
    message: (f: { folder: string; reason: string }) => `Found no tests in ${quote(f.folder)}: ${f.reason}`,
    help: "Give the plugin's folder, which has a file that ends in .test.ts; `plugins new` writes one",
  },
  "plugin.tests-runner": {
    severity: "error",
    message: () => "Plugin tests run on Bun, but this is another runtime",
    help: "Start the command line with Bun (`npm run -s cli` does), or use your own test runner",
  },
  "plugin.fails-always": {
    severity: "error",
    message: (f: Failing) =>
      `${f.at}: the plugin ${quote(f.use)} fails on every sample pod that its entry selects (${f.reviewed} of ${f.reviewed}, hook ${f.hook}): ${f.reason}`,
    help: "Correct the plugin or its options; `plugins test` runs it on your own pods",
  },
  "plugin.fails-sometimes": {
    severity: "error",
    message: (f: Failing) =>
      `${f.at}: the plugin ${quote(f.use)} fails on ${f.failed} of ${f.reviewed} sample pods that its entry selects (hook ${f.hook}): ${f.reason}`,
    help: "Correct the plugin or its options; pods like these are refused, or pass without the plugin if onError is skip",
  },
  "engine.self-test": {
    severity: "error",
    message: (f: { reason: string; help: string }) =>
      `The engine of this configuration refuses a plain pod: ${f.reason}`,
    help: (f: { reason: string; help: string }) => f.help,
  },
  "engine.held-back": {
    severity: "error",
    message: (f: { reason: string }) => `Cannot use the new configuration: ${f.reason}`,
    help: "Correct the configuration; to use it anyway, restart the replicas: a new one has no recent pods to compare with",
  },
  "engine.load-timeout": {
    severity: "error",
    message: (f: { seconds: number }) =>
      `Cannot load the configuration: reading its files and setting up its plugins took longer than ${f.seconds} seconds`,
    help: "Check for a file system that does not respond, or a plugin whose setup waits for something",
  },
  "plugin.candidate": {
    severity: "error",
    message: (f: Loaded) =>
      `${f.at}: the plugin ${quote(f.use)} is not loaded, and a candidate configuration cannot load plugin code`,
    help: "Use plugins of the running configuration, or bundled ones",
  },
});

/** `plugins test`: runs a plugin's tests; nothing has to be installed beside it. */
import { pluginIssues } from "../../core/issue/plugin.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { report } from "../report.ts";

/** Runs the test files in plugins' folders with Bun's test runner; fails on other runtimes. */
export const pluginsTest = defineCommand({
  name: "plugins test",
  summary: "Run the tests of plugins' folders",
  usage: "FOLDER…",
  about: `Runs every *.test.ts of a plugin's folder with Bun's test runner; of a folder without any, those of the folders in it.
They run on a copy in which \`flyte-vault-webhook/plugin\`, \`flyte-vault-webhook/testing\` and \`valibot\` are found, so that a
folder with two files is enough.

Example:
  flyte-vault-webhook plugins test plugins/cost-center`,
  options: {},
  takesPositionals: true,
  run: async ({ positionals }, { io, deps }) => {
    if (positionals.length === 0) {
      report(io, [
        pluginIssues["plugin.unnamed"]({ command: "plugins test", expected: "a plugin's folder" }),
      ]);
      return Exit.usage;
    }
    let code: number = Exit.fine;
    for (const folder of positionals) {
      const tested = await deps.plugins.test(folder, io.cwd);
      report(io, tested.issues);
      if (!tested.ok) return Exit.usage;
      io.stdout(tested.value.output);
      if (!tested.value.passed) code = Exit.refused;
    }
    return code;
  },
});

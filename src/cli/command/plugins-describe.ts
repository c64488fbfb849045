/** `plugins describe`: what a plugin is for, what it writes, and which options it takes. */
import { pluginIssues } from "../../core/issue/plugin.ts";
import type { PluginDescription } from "../../host/authoring/describe.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { report } from "../report.ts";

/** Prints the annotations that plugins may write, and their options. Imports the plugin, so its code runs. */
export const pluginsDescribe = defineCommand({
  name: "plugins describe",
  summary: "Show what a plugin writes and which options it takes",
  usage: "NAME|FILE…",
  about: `Loads the plugin's code in this process, as \`serve\` would with \`isolate: none\`.

Examples:
  flyte-vault-webhook plugins describe namespace
  flyte-vault-webhook plugins describe ./plugins/cost-center/cost-center.ts`,
  options: {},
  takesPositionals: true,
  run: async ({ positionals }, { io, deps }) => {
    if (positionals.length === 0) {
      report(io, [
        pluginIssues["plugin.unnamed"]({ command: "plugins describe", expected: "a plugin's name or file" }),
      ]);
      return Exit.usage;
    }
    let code: number = Exit.fine;
    for (const use of positionals) {
      const described = await deps.plugins.describe(use, io.cwd);
      report(io, described.issues);
      if (described.ok) io.stdout(renderDescription(described.value));
      else code = Exit.usage;
    }
    return code;
  },
});

function renderDescription({ name, description, writes, options, about }: PluginDescription): string {
  const width = Math.max(0, ...options.map((option) => option.name.length)) + 2;
  const rows = options.map(
    (option) => `  ${option.name.padEnd(width)}${option.type}${option.isRequired ? "" : " (optional)"}`,
  );
  return [
    `${name}: ${description}`,
    ...["", "Writes:", ...writes.map((key) => `  ${key}`)],
    ...["", options.length > 0 ? "Options:" : "Options: none, or none that its schema shows", ...rows],
    ...(about === "" ? [] : ["", about]),
    "\n",
  ].join("\n");
}

/** `plugins new`: writes a plugin to start from, and its test. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { report } from "../report.ts";
import { isPluginName, renderPlugin, renderPluginTest } from "../template/plugin.ts";

/** Writes a new plugin and its test; never overwrites a file. */
export const pluginsNew = defineCommand({
  name: "plugins new",
  summary: "Write a plugin to begin with, and its test",
  usage: "NAME [--in FOLDER]",
  about: `Writes NAME/NAME.ts and NAME/NAME.test.ts; existing files are not overwritten. Every plugin has its own folder: what
lies in it is loaded with it.

Example:
  flyte-vault-webhook plugins new cost-center --in plugins`,
  options: { in: { type: "text", value: "FOLDER", summary: "Where to write it", default: "." } },
  takesPositionals: true,
  run: async ({ values, positionals }, { io }) => {
    const [name = ""] = positionals;
    if (positionals.length !== 1 || !isPluginName(name)) {
      report(io, [pluginIssues["plugin.name-unfit"]({ name: positionals.join(" ") })]);
      return Exit.usage;
    }
    const folder = resolve(io.cwd, values.in, name);
    await mkdir(folder, { recursive: true });
    const files = { [`${name}.ts`]: renderPlugin(name), [`${name}.test.ts`]: renderPluginTest(name) };
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder, file);
      try {
        await writeFile(path, text, { flag: "wx" });
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        report(io, [pluginIssues["plugin.exists"]({ file: path })]);
        return Exit.usage;
      }
      io.stdout(`${path}\n`);
    }
    return Exit.fine;
  },
});

/** `plugins list`: the plugins that come with the webhook. */
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";

/** Prints names and descriptions of the bundled plugins. */
export const pluginsList = defineCommand({
  name: "plugins list",
  summary: "List the plugins that come with the webhook",
  usage: "",
  about: `A configuration names them in \`plugins[].use\`, beside files and packages of your own.

Example:
  flyte-vault-webhook plugins list`,
  options: {},
  run: async (_, { io, deps }) => {
    const plugins = await deps.plugins.list();
    const width = Math.max(...plugins.map(({ name }) => name.length)) + 2;
    for (const { name, description } of plugins) io.stdout(`${name.padEnd(width)}${description}\n`);
    return Exit.fine;
  },
});

/** `config schema`: the JSON Schema of a configuration file, for editors. */
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";

/** Prints the JSON Schema for editors. */
export const configSchema = defineCommand({
  name: "config schema",
  summary: "Print the JSON Schema of a configuration file",
  usage: "",
  about: `Editors complete and check a file that begins with
  # yaml-language-server: $schema=./webhook.schema.json

Example:
  flyte-vault-webhook config schema > webhook.schema.json`,
  options: {},
  run: async (_, { io, deps }) => {
    io.stdout(`${JSON.stringify(await deps.loadSchema(), null, 2)}\n`);
    return Exit.fine;
  },
});

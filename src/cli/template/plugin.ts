/** What `plugins new NAME` writes: a plugin to start from, and its passing test. */
import { vaultKey } from "../../injector/vocabulary.ts";

/** The example sets a harmless annotation: the agent's log level. */
const KEY = vaultKey("log-level");

/** @returns whether a name is valid for a plugin: lower-case words with dashes, at most 63 characters */
export function isPluginName(name: string): boolean {
  return name.length <= 63 && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name);
}

/**
 * @param name of the plugin; {@link isPluginName}
 * @returns the text of `<name>.ts`
 */
export function renderPlugin(name: string): string {
  return `/**
 * Says here, for \`plugins describe ${name}\`, what the plugin is for and which options it takes.
 *
 * @example
 * - use: ./${name}/${name}.ts
 *   with: { level: debug }
 */
import { definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const KEY = "${KEY}";

export default definePlugin({
  name: "${name}",
  description: "Sets how much the Vault Agent logs",
  // Keys that it may set; \`*\` is any text. Others are refused, whatever the code does.
  writes: [KEY],
  // The entry's \`with\`. A typo stops the load, not a pod.
  options: v.strictObject({ level: v.picklist(["debug", "info", "warn", "error"]) }),
  // Once for each entry of the configuration: what costs time belongs here.
  setup: ({ level }) => ({
    // For each pod. \`pod.project\`, \`pod.domain\`, \`pod.namespace\`, \`pod.requests\` and more say which it is.
    annotations: (pod) => (pod.domain === "production" ? {} : { [KEY]: level }),
  }),
});
`;
}

/**
 * @param name of the plugin; {@link isPluginName}
 * @returns the text of `<name>.test.ts`, for any runner that knows \`test\` from \`bun:test\`
 */
export function renderPluginTest(name: string): string {
  return `import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import plugin from "./${name}.ts";

const KEY = "${KEY}";

test("${name}", () =>
  testPlugin(plugin, {
    valid: [
      {
        name: "sets the level",
        with: { level: "debug" },
        domain: "development",
        expect: { annotations: { [KEY]: "debug" } },
      },
      { name: "leaves production alone", with: { level: "debug" }, domain: "production", expect: {} },
    ],
    invalid: [{ name: "a level that the agent does not know", with: { level: "loud" }, message: "level" }],
  }));
`;
}

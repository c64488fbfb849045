/** docs/bundled-plugins.md from the plugins themselves: their head comments, and the comments on their options. */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeBundled, type PluginDescription } from "../../src/host/authoring/describe.ts";

const WEBHOOK = resolve(import.meta.dir, "../..");

/** The page that is written. */
export const BUNDLED_DOCS = join(WEBHOOK, "docs/bundled-plugins.md");

const HEAD = `# Bundled plugins

They come with the webhook and run in its own process. Name one in \`use\`; \`when\`, \`onError\` and the rest of an entry are in
[plugins.md](plugins.md). What Vault or the injector would refuse, they refuse when the configuration is loaded. Each is one
file in [plugins/](../plugins), written as yours would be, with its test in [test/plugins/](../test/plugins).

What a pod says itself wins over all of them, as in Flyte. \`policy.profile: hardened\` or \`policy.locked\` keeps pods from choosing
their role, login, namespace or Vault.

Written by \`bun test/plugins/update-docs.ts\`; change the plugins, not this file.
`;

/** @returns the whole page */
export async function renderBundledDocs(): Promise<string> {
  const sections = (await describeBundled()).map(async (plugin) => {
    const source = await readFile(join(WEBHOOK, "plugins", `${plugin.name}.ts`), "utf8");
    return renderPlugin(plugin, readOptionComments(source));
  });
  return [HEAD, ...(await Promise.all(sections))].join("\n");
}

function renderPlugin(
  { name, about, options, writes }: PluginDescription,
  comments: ReadonlyMap<string, string>,
): string {
  const [text = "", example = ""] = about.split("@example");
  const rows = options.map((option) => {
    const meaning = comments.get(option.name.split(".").at(-1) ?? "") ?? "";
    return `| \`${option.name}\` | ${meaning.replaceAll("|", "\\|")} |`;
  });
  return `## ${name}

${text.trim()}

\`\`\`yaml
plugins:
${example.replace(/^\n+|\s+$/g, "").replace(/^/gm, "  ")}
\`\`\`

| option | |
|---|---|
${rows.join("\n")}

Writes ${writes.length === 0 ? "no annotation" : [...new Set(writes)].map((glob) => `\`${glob}\``).join(", ")}.
`;
}

/** The comment before each option, or before the schema that is its name with a capital. */
function readOptionComments(source: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, comment = "", name = ""] of source.matchAll(
    /^ +\/\*\* ([^\n]*) \*\/\n +"?([-\w]+)"?(?::|,$)/gm,
  )) {
    if (!found.has(name)) found.set(name, comment);
  }
  return found;
}

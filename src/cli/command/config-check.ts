/** `config check`: everything that is wrong with a configuration, or what it comes to. */
import { defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import type { LoadedEngine } from "../deps.ts";
import { Exit } from "../exit.ts";
import { CONFIG } from "../options.ts";
import { report, shortenPaths } from "../report.ts";

export const configCheck = defineCommand({
  name: "config check",
  summary: "Report everything that is wrong with a configuration",
  usage: "[PATH…] [--config PATH]…",
  about: `Reads the configuration as \`serve\` would, plugins included, and names file, line and column of every issue.
Exit code 2 where it cannot be used; warnings leave it 0.

Examples:
  flyte-vault-webhook config check
  flyte-vault-webhook config check flyte-config/`,
  options: { config: CONFIG },
  takesPositionals: true,
  run: async ({ values, positionals }, { io, deps }) => {
    const loaded = await deps.load(toConfigPaths([...values.config, ...positionals], io), io.env);
    report(io, loaded.issues);
    if (!loaded.ok) return Exit.usage;
    await loaded.value.engine.close();
    const warnings = loaded.issues.filter(({ severity }) => severity !== "info").length;
    io.stdout(shortenPaths(renderSummary(loaded.value, warnings), io.cwd));
    return Exit.fine;
  },
});

function renderSummary({ engine, settings, files }: LoadedEngine, warnings: number): string {
  const { role, kvVersion, annotations } = settings.webhook.vaultSecretManager;
  const { ids, fileNames, locked, denied, strict } = settings.policy;
  const plugins = settings.plugins.map(({ use }) => use).join(", ");
  const verdict =
    warnings === 0 ? "fine" : `usable, with ${warnings === 1 ? "1 warning" : `${warnings} warnings`}`;
  const rows: readonly (readonly [string, string])[] = [
    ["configuration", verdict],
    ["hash", engine.hash],
    ["files", files.join(", ")],
    [
      "vault",
      `role ${role || "(none)"}, KV version ${kvVersion}, annotations ${Object.keys(annotations).length}`,
    ],
    ["plugins", plugins || "none"],
    [
      "policy",
      `ids ${ids}, fileNames ${fileNames}, locked ${locked.length}, denied ${denied.length}, strict ${strict}`,
    ],
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(15)}${value}\n`).join("");
}

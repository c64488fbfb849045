/** `config check`: reports every issue of a configuration, or prints the effective configuration. */
import type { Issue } from "../../core/issue/issue.ts";
import { defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import type { CommandEngine } from "../deps.ts";
import { Exit } from "../exit.ts";
import { FAIL_ON, judgeIssues } from "../fail-on.ts";
import { CONFIG } from "../options.ts";
import { report, shortenPaths } from "../report.ts";

/** Loads a configuration as a server would, plugins and sample pods included, and prints every issue. */
export const configCheck = defineCommand({
  name: "config check",
  summary: "Report everything that is wrong with a configuration",
  usage: "[PATH…] [--config PATH]… [--fail-on SEVERITY]",
  about: `Reads the configuration as \`serve\` would, sets up its plugins, and reviews sample pods through all of them: one for
each engine, a long-lived one, and one for each \`when\`. Names file, line and column of every issue; what \`preview\` would say of
every pod is said here. Exit code 2 where the configuration cannot be used, 1 where an issue reaches --fail-on.

Examples:
  flyte-vault-webhook config check
  flyte-vault-webhook config check flyte-config/`,
  options: { config: CONFIG, "fail-on": FAIL_ON },
  takesPositionals: true,
  run: async ({ values, positionals }, { io, deps }) => {
    const loaded = await deps.load(toConfigPaths([...values.config, ...positionals], io), io.env);
    report(io, loaded.issues);
    if (!loaded.ok) return Exit.usage;
    await loaded.value.engine.close();
    io.stdout(shortenPaths(renderSummary(loaded.value, loaded.issues), io.cwd));
    return judgeIssues(io, loaded.issues, values["fail-on"]);
  },
});

function renderSummary({ engine, settings, files }: CommandEngine, issues: readonly Issue[]): string {
  const { role, kvVersion, annotations } = settings.webhook.vaultSecretManager;
  const { ids, fileNames, locked, denied, strict } = settings.policy;
  const plugins = settings.plugins.map(({ use }) => use).join(", ");
  const counts = (["error", "warning"] as const).flatMap((severity) => {
    const count = issues.filter((issue) => issue.severity === severity).length;
    return count === 0 ? [] : `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  const verdict = counts.length === 0 ? "fine" : `usable, with ${counts.join(" and ")}`;
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
      `ids ${ids}, fileNames ${[fileNames].flat().join(" and ")}, locked ${locked.length}, denied ${denied.length}, strict ${strict}`,
    ],
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(15)}${value}\n`).join("");
}

/** `migrate config`: Flyte's configuration, as this webhook's. */
import { migrateIssues } from "../../core/issue/migrate.ts";
import { escapeControls } from "../../core/printable.ts";
import { renderYaml } from "../../core/yaml.ts";
import { type MigratedConfig, type MigratedSetting, migrateConfig } from "../../migrate/config.ts";
import { parseDocuments } from "../../preview/input/parse.ts";
import { defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { OUTPUT } from "../options.ts";
import { report } from "../report.ts";
import { readSources } from "../source.ts";

/** Prints this webhook's configuration for a webhook section of Flyte; settings that cannot be kept are reported. */
export const migrateConfigCommand = defineCommand({
  name: "migrate config",
  summary: "Write this webhook's configuration from Flyte's",
  usage: "-f FILE|FOLDER|-… [-o text|json]",
  about: `Reads Flyte's ConfigMaps, files, or values of the charts flyte-core and flyte-binary (v1 and v2), finds their webhook
section, and prints this webhook's configuration. Every setting is listed on standard error: carried over, not needed (and why),
or refused. Only that section is read: no password and no token is printed.

Exit code 1: a setting is refused; then no configuration is printed.

Examples:
  kubectl -n flyte get configmap -o yaml | flyte-vault-webhook migrate config -f - > webhook.yaml
  flyte-vault-webhook migrate config -f values.yaml`,
  options: {
    file: {
      type: "list",
      short: "f",
      value: "PATH",
      summary: "A file, a folder, or - for standard input (the default)",
    },
    output: OUTPUT,
  },
  run: async ({ values }, { io }) => {
    const sources = await readSources(values.file.length === 0 ? ["-"] : values.file, io);
    report(io, sources.issues);
    if (!sources.ok) return Exit.usage;
    const documents: unknown[] = [];
    for (const { name, text } of sources.value) {
      const parsed = parseDocuments(text);
      report(io, parsed.issues, name);
      if (!parsed.ok) return Exit.usage;
      documents.push(...parsed.value);
    }
    const migrated = migrateConfig(documents);
    if (migrated.settings.length === 0) {
      report(io, [migrateIssues["migrate.no-section"]({})]);
      return Exit.usage;
    }
    print(migrated, values.output, io);
    return migrated.config ? Exit.fine : Exit.refused;
  },
});

function print(
  { config, settings }: MigratedConfig,
  output: "text" | "json",
  { stdout, stderr }: { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void },
): void {
  if (output === "json") {
    stdout(`${JSON.stringify({ config: config ?? null, settings }, null, 2)}\n`);
    return;
  }
  stderr(settings.map(renderSetting).join(""));
  if (config) stdout(renderYaml([config]));
}

function renderSetting({ path, fate, why }: MigratedSetting): string {
  return `${fate.padEnd(14)}${escapeControls(`${path}: ${why}`)}\n`;
}

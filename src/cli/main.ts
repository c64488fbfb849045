/** The command line: arguments in, text and an exit code out. */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Config } from "../config/schema.ts";
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import { previewDocuments, renderMutatedYaml } from "../core/preview/answer.ts";
import { readPreviewInput } from "../core/preview/input.ts";
import { renderTable } from "../core/preview/table.ts";
import type { Result } from "../core/result.ts";
import type { CliIo } from "./io.ts";

/** What commands need of other adapters. */
export interface CliDeps {
  readonly loadConfig: (
    paths: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<Result<{ readonly config: Config }>>;
  readonly createEngine: (config: Config) => Promise<Result<Engine>>;
  readonly serve: (options: {
    readonly configPaths: readonly string[];
    readonly role: "all" | "admission" | "management";
  }) => Promise<number>;
}

const encoder = new TextEncoder();

/** @returns the exit code: 0 fine, 1 refused, 2 usage or configuration error. */
export async function runCli(argv: readonly string[], io: CliIo, deps: CliDeps): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: "string", multiple: true },
      file: { type: "string", short: "f" },
      output: { type: "string", short: "o", default: "yaml" },
    },
  });
  const configPaths = values.config ?? ["config/webhook.yaml"];
  if (positionals[0] === "serve") return deps.serve({ configPaths, role: "all" });
  const loaded = await deps.loadConfig(configPaths, io.env);
  report(io, loaded.issues);
  if (!loaded.ok) return 2;
  if (positionals[0] === "config") return 0;
  const engine = await deps.createEngine(loaded.value.config);
  if (!engine.ok) return 2;
  const text =
    values.file === undefined || values.file === "-"
      ? await io.readStdin()
      : await readFile(values.file, "utf8");
  const input = readPreviewInput(text, { encodeUtf8: (value) => encoder.encode(value) });
  report(io, input.issues);
  if (!input.ok) return 2;
  const { hash, review } = engine.value;
  const answer = await previewDocuments(input.value, { review, configHash: hash });
  const yaml = renderMutatedYaml(input.value, answer);
  if (values.output === "table") io.stdout(renderTable(answer));
  else if (values.output === "json") io.stdout(`${JSON.stringify(answer, null, 2)}\n`);
  else if (yaml.ok) io.stdout(yaml.value);
  else report(io, yaml.issues);
  return answer.results.every(({ allowed }) => allowed) ? 0 : 1;
}

function report(io: CliIo, issues: readonly Issue[]): void {
  for (const { severity, code, message, help } of issues)
    io.stderr(`${severity} ${code}: ${message}\n  ${help}\n`);
}

/** `migrate report`: what a switch from Flyte's webhook would change, pod by pod. */
import type { AdmissionRequest } from "../../core/admission/request.ts";
import type { Engine } from "../../core/engine.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { migrateIssues } from "../../core/issue/migrate.ts";
import type { JsonObject } from "../../core/json.ts";
import { isNonEmpty } from "../../core/result.ts";
import type { VaultSettings } from "../../core/settings.ts";
import { comparePod, isPod } from "../../migrate/compare.ts";
import { renderReport } from "../../migrate/render-report.ts";
import { ReportBuilder } from "../../migrate/report.ts";
import { nameOf } from "../../preview/input/identify.ts";
import { CLUSTER, toClusterArgs } from "../cluster-options.ts";
import { type Context, defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import { Exit } from "../exit.ts";
import { readClusterItems, readItems } from "../items.ts";
import { CONFIG, OUTPUT } from "../options.ts";
import { report as tell } from "../report.ts";
import { decodeUtf8 } from "../source.ts";

const PODS = ["get", "pods", "-A", "-l", "inject-flyte-secrets=true", "-o", "json"];

/** Compares stored pods, which Flyte's webhook has changed, with what this webhook would make of them. */
export const migrateReport = defineCommand({
  name: "migrate report",
  summary: "Compare what Flyte's webhook did for your pods with what this one would do",
  usage: "[-f FILE|-]… [--flyte-config PATH]… [-o text|json] [--config PATH]…",
  about: `Restores every stored pod to what it was when it was created, reviews it, and compares the result with what Flyte's
webhook put on it: identical, better by a numbered rule of docs/differences.md, different, or refused. Without -f, the pods come
from kubectl (${PODS.slice(0, 5).join(" ")}), which only reads. Any number of pods is read one by one.

A stored pod does not tell whether an annotation came from Flyte's configuration or from the task's author. Give Flyte's
configuration with --flyte-config: without it, every annotation of the injector counts as Flyte's, and one that would be missing
is reported.

Exit code 1: a pod would be refused, or would read another path, role or Vault namespace.

Examples:
  flyte-vault-webhook migrate report --flyte-config flyte.yaml
  kubectl get pods -A -l inject-flyte-secrets=true -o json | flyte-vault-webhook migrate report -f -`,
  options: {
    file: {
      type: "list",
      short: "f",
      value: "FILE",
      summary: "Pods as JSON or YAML, or - for standard input",
    },
    "flyte-config": { type: "list", value: "PATH", summary: "What Flyte's webhook is configured with" },
    output: OUTPUT,
    ...CLUSTER,
    config: CONFIG,
  },
  run: async ({ values }, context) => {
    const { io, deps } = context;
    const flyte = await loadFlyte(values["flyte-config"], context);
    const loaded = await deps.load(toConfigPaths(values.config, io), io.env);
    tell(
      io,
      loaded.issues.filter(({ severity }) => severity !== "info"),
    );
    if (!loaded.ok || flyte === "unreadable") return Exit.usage;
    const { engine } = loaded.value;
    const builder = new ReportBuilder();
    const take = createTaker(engine, flyte, builder, context);
    const issues = await readAll(values.file, toClusterArgs(values), context, take);
    await engine.close();
    const report = builder.build();
    const problems =
      report.pods === 0 && issues.length === 0 ? [migrateIssues["migrate.no-pods"](report)] : issues;
    tell(io, problems);
    if (isNonEmpty(problems)) return Exit.usage;
    io.stdout(values.output === "json" ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
    return report.isSafe ? Exit.fine : Exit.refused;
  },
});

async function loadFlyte(
  paths: readonly string[],
  { io, deps }: Context,
): Promise<VaultSettings | undefined | "unreadable"> {
  if (paths.length === 0) return undefined;
  const loaded = await deps.load(toConfigPaths(paths, io), io.env);
  if (!loaded.ok) {
    tell(io, loaded.issues, "--flyte-config");
    return "unreadable";
  }
  await loaded.value.engine.close();
  return loaded.value.settings.webhook.vaultSecretManager;
}

async function readAll(
  files: readonly string[],
  clusterArgs: readonly string[],
  { io, deps }: Context,
  take: (item: unknown) => Promise<void>,
): Promise<readonly Issue[]> {
  if (files.length === 0) return readClusterItems([...PODS, ...clusterArgs], io, deps.cluster, take);
  for (const file of files) {
    const issues = await readItems(file, io, take);
    if (issues.length > 0) return issues;
  }
  return [];
}

/** @returns a function that processes one object of the input */
function createTaker(
  engine: Engine,
  flyte: VaultSettings | undefined,
  builder: ReportBuilder,
  { io }: Context,
): (item: unknown) => Promise<void> {
  const review = (pod: JsonObject) => engine.review(toRequest(pod));
  return async (item) => {
    if (!isPod(item)) {
      tell(io, [migrateIssues["migrate.not-a-pod"]({ found: describe(item) })]);
      return builder.passOver();
    }
    const compared = await comparePod(item, { review, decodeUtf8, flyte });
    if (compared) builder.add(item, compared);
    else builder.passOver();
  };
}

function toRequest(pod: JsonObject): AdmissionRequest {
  const { namespace } = nameOf(pod, "default");
  return { uid: "migrate", operation: "CREATE", namespace, dryRun: true, object: pod };
}

function describe(item: unknown): string {
  if (typeof item !== "object" || item === null || !("kind" in item))
    return JSON.stringify(item).slice(0, 40);
  return String(item.kind);
}

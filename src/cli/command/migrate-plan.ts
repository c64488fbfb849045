/** `migrate plan`: the switch for this cluster, as commands with their undo. */
import type { Issue } from "../../core/issue/issue.ts";
import { manifestIssues } from "../../core/issue/manifests.ts";
import { migrateIssues } from "../../core/issue/migrate.ts";
import { isNonEmpty } from "../../core/result.ts";
import { readRegistrations } from "../../diagnose/registration.ts";
import { type Pilot, parsePilot } from "../../migrate/pilot.ts";
import { createPlan, detectFlavor, type Flavor, renderPlan } from "../../migrate/plan.ts";
import { CLUSTER, toClusterArgs } from "../cluster-options.ts";
import { type Context, defineCommand } from "../command.ts";
import { Exit } from "../exit.ts";
import { readClusterItems, readItems } from "../items.ts";
import { OUTPUT } from "../options.ts";
import { report } from "../report.ts";

const FLAVORS = ["core", "binary-v1", "binary-v2"] as const;

/** Prints the steps of a switch from Flyte's webhook, from registrations that it reads from the cluster or from files. */
export const migratePlan = defineCommand({
  name: "migrate plan",
  summary: "Print the switch from Flyte's webhook for this cluster, with the way back",
  usage: "[--pilot LIST]… [--flyte-chart CHART] [-f FILE]… [-o text|json]",
  about: `Looks at the cluster's registrations and Deployments (kubectl get, or -f) and prints a numbered list of commands, each with
its undo: configuration, report, observe, a pilot for each --pilot, everybody, and Flyte's webhook switched off. Nothing is run.

Examples:
  flyte-vault-webhook migrate plan --pilot namespaces=team-a --pilot namespaces=team-a,team-b
  flyte-vault-webhook migrate plan --pilot project=fraud --flyte-chart binary-v2`,
  options: {
    pilot: {
      type: "list",
      value: "LIST",
      summary: "namespaces=a,b or project=a,b; repeat it for each step of the rollout",
    },
    "flyte-chart": {
      type: "text",
      value: "CHART",
      summary: "How Flyte was installed (default: by the images of its Deployments)",
      choices: FLAVORS,
    },
    file: {
      type: "list",
      short: "f",
      value: "FILE",
      summary: "Registrations and Deployments, in place of kubectl",
    },
    output: OUTPUT,
    ...CLUSTER,
  },
  run: async ({ values }, context) => {
    const { io } = context;
    const pilots = values.pilot.map((text) => [text, parsePilot(text, "flyte-vault-webhook")] as const);
    const wrong = pilots.flatMap(([value, pilot]): Issue[] =>
      typeof pilot === "string"
        ? [manifestIssues["manifests.option"]({ option: "--pilot", value, expected: pilot })]
        : [],
    );
    if (isNonEmpty(wrong)) {
      report(io, wrong);
      return Exit.usage;
    }
    const objects: unknown[] = [];
    const issues = await readObjects(values.file, toClusterArgs(values), context, (item) => {
      objects.push(item);
    });
    const flyte = readRegistrations(objects).find(({ owner }) => owner === "flyte");
    const flavor: Flavor | undefined = values["flyte-chart"] ?? detectFlavor(objects);
    const problems = [
      ...issues,
      ...(issues.length > 0 || flyte ? [] : [migrateIssues["migrate.no-flyte"]({})]),
    ];
    report(io, problems);
    if (isNonEmpty(problems) || !flyte) return Exit.usage;
    if (!flavor) report(io, [migrateIssues["migrate.chart-unknown"]({})]);
    const steps = createPlan({
      namespace: flyte.service?.namespace ?? "flyte",
      registration: flyte.registration,
      flavor: flavor ?? "core",
      pilots: pilots.map(([, pilot]) => pilot).filter((pilot): pilot is Pilot => typeof pilot !== "string"),
    });
    io.stdout(
      values.output === "json" ? `${JSON.stringify({ steps }, null, 2)}\n` : `${renderPlan(steps)}\n`,
    );
    return Exit.fine;
  },
});

async function readObjects(
  files: readonly string[],
  args: readonly string[],
  { io, deps }: Context,
  take: (item: unknown) => void,
): Promise<readonly Issue[]> {
  if (files.length === 0) {
    const what = "mutatingwebhookconfigurations,deployments";
    return readClusterItems(["get", what, "-A", ...args, "-o", "json"], io, deps.cluster, take);
  }
  for (const file of files) {
    const issues = await readItems(file, io, take);
    if (issues.length > 0) return issues;
  }
  return [];
}

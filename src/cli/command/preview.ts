/** `preview`: what would these pods get, and who decided each line? */
import { isNonEmpty } from "../../core/result.ts";
import { OUTPUTS, PREVIEW_FORMATS, renderPreview } from "../../preview/output/format.ts";
import { defineCommand } from "../command.ts";
import { toConfigPaths } from "../config-paths.ts";
import { Exit } from "../exit.ts";
import { FAIL_ON, type FailOn, judgeIssues } from "../fail-on.ts";
import type { CliIo } from "../io.ts";
import { CONFIG } from "../options.ts";
import { readInputs } from "../preview/read.ts";
import { previewSource, type ReviewedSource } from "../preview/review.ts";
import { createPlacer, noteOutcome } from "../preview/tell.ts";
import { report } from "../report.ts";

const LONGEST_NAME = Math.max(...OUTPUTS.map(({ length }) => length));

/** Reviews pods and workloads from files without a cluster, and prints the result in one of the preview formats. */
export const preview = defineCommand({
  name: "preview",
  summary: "Show what pods and workloads would get",
  usage:
    "[-f FILE|FOLDER|-]… [-o OUTPUT] [--fail-on SEVERITY] [--as-created] [--injected] [--namespace NAME]",
  about: `Reads Pods, workloads with pod templates (Deployment, Job, RayCluster, SparkApplication, …), Lists, AdmissionReviews, or
the plain form { secrets: [{ group, key }] }, as YAML or JSON. Results go to standard output, issues to standard error.

Outputs:
${OUTPUTS.map((name) => `  ${name.padEnd(LONGEST_NAME)}  ${PREVIEW_FORMATS[name].about}`).join("\n")}

--as-created undoes what the cluster has done to a running pod (status, generated fields, the injector's containers and
volumes, the webhook's own annotations), so that it is previewed as if it were created now. Output is about that pod.

--injected goes on to the pod as it will be stored, after the Vault Agent Injector, by a model of vault-k8s 1.7.6: its containers,
volumes and mounts, and the agents' configuration in VAULT_CONFIG. The configuration's injector section says how yours differs.

Examples:
  flyte-vault-webhook preview -f pod.yaml -o table
  flyte-vault-webhook preview -f pod.yaml | kubectl apply -f -
  kubectl get pod NAME -o yaml | flyte-vault-webhook preview --as-created -o table
  flyte-vault-webhook preview -f manifests/ --fail-on warning -o diff`,
  options: {
    file: {
      type: "list",
      short: "f",
      value: "PATH",
      summary:
        "A file, a folder (its *.yaml, *.yml and *.json), or - for standard input, which is the default",
    },
    output: {
      type: "text",
      short: "o",
      value: "OUTPUT",
      summary: "What to print",
      choices: OUTPUTS,
      default: "yaml",
    },
    "fail-on": FAIL_ON,
    "as-created": { type: "flag", summary: "Preview a running pod as if it were created now" },
    injected: { type: "flag", summary: "With -o yaml: the pods as the Vault Agent Injector will leave them" },
    namespace: {
      type: "text",
      short: "n",
      value: "NAME",
      summary: "Namespace of objects that name none (default: default)",
    },
    config: CONFIG,
  },
  run: async ({ values }, { io, deps }) => {
    const inputs = await readInputs(values.file, values.namespace, io);
    if (!inputs) return Exit.usage;
    const loaded = await deps.load(toConfigPaths(values.config, io), io.env);
    report(
      io,
      loaded.issues.filter(({ severity }) => severity !== "info"),
    );
    if (!loaded.ok) return Exit.usage;
    const { engine } = loaded.value;
    const previewed: ReviewedSource[] = [];
    for (const input of inputs) previewed.push(await previewSource(input, engine, values["as-created"]));
    await engine.close();
    const format = values.injected && values.output === "yaml" ? "yaml-injected" : values.output;
    tell(io, previewed, PREVIEW_FORMATS[format].showsIssues);
    const rendered = renderPreview(format, previewed, true);
    if (rendered.ok) io.stdout(rendered.value);
    return judge(io, previewed, values["fail-on"]);
  },
});

/** Reports what the output does not show. */
function tell(io: CliIo, previewed: readonly ReviewedSource[], isShown: boolean): void {
  const isOne = previewed.flatMap(({ answer }) => answer.results).length === 1;
  for (const source of previewed) {
    const place = createPlacer(source, isOne);
    source.answer.results.forEach((result, i) => {
      const notes = noteOutcome(source, i);
      if (isNonEmpty(notes)) report(io, notes, source.name);
      if (!isShown) report(io, result.issues, (issue) => place(issue, i));
    });
  }
}

function judge(io: CliIo, previewed: readonly ReviewedSource[], severity: FailOn): number {
  const results = previewed.flatMap(({ answer }) => answer.results);
  if (results.some(({ allowed }) => !allowed)) return Exit.refused;
  const issues = results.flatMap((result) => result.issues);
  return judgeIssues(io, issues, severity);
}

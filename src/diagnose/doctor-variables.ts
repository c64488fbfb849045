/** Checks that the nodes are new enough for variables, where the webhook's configuration allows variables (`policy.envVars`). */
import { doctorIssues } from "../core/issue/doctor.ts";
import { isObject } from "../core/json.ts";
import { isVariableRef } from "../core/vault/variable.ts";
import { readText } from "../preview/input/identify.ts";
import { type Chain, notChecked, toRow } from "./doctor-facts.ts";
import { toList } from "./evidence.ts";

/** First minor version whose kubelets set variables from files by default (KEP-3721, feature gate EnvFiles). */
const LEAST_MINOR = 35;
const LONGEST_LIST = 8;
/** How Flyte's webhook refuses variables, and this one by default (issue secret.env-var). */
const REFUSED = /Env_Var is not a supported mount requirement/;
/** Error of an API server older than 1.35: it has removed `fileKeyRef` from the pod, and `valueFrom` is empty (`validateEnvVarValueFrom`). */
const DROPPED = /valueFrom: Invalid value: "": must specify one of/;

/** Checks the nodes if a sample pod that asks for a variable gets one, which depends on the configuration in force. */
export function checkVariables({ variableRun, nodes }: Chain) {
  if (!variableRun.ok) {
    const { reason } = variableRun;
    if (DROPPED.test(reason)) return toRow("", [doctorIssues["doctor.variable-dropped"]({ reason })]);
    return REFUSED.test(reason) ? toRow("not allowed: policy.envVars is refuse", []) : notChecked(reason);
  }
  if (!hasVariable(variableRun.value)) return toRow("a sample pod gets none", []);
  if (!nodes.ok) return notChecked(nodes.reason);
  const old = toList(nodes.value).filter(isOld).map(toNode);
  const more = old.length > LONGEST_LIST ? ` and ${old.length - LONGEST_LIST} more` : "";
  return toRow(
    `allowed; all ${nodes.value.length} nodes are 1.${LEAST_MINOR} or newer`,
    old.length > 0
      ? [doctorIssues["doctor.old-kubelets"]({ nodes: old.slice(0, LONGEST_LIST).join(", ") + more })]
      : [],
  );
}

function hasVariable(pod: unknown): boolean {
  const spec = isObject(pod) && isObject(pod.spec) ? pod.spec : {};
  return toList(spec.containers)
    .flatMap(({ env }) => toList(env))
    .some(({ valueFrom }) => {
      const ref = isObject(valueFrom) ? valueFrom.fileKeyRef : undefined;
      return isVariableRef(isObject(ref) ? ref : undefined);
    });
}

function isOld(node: unknown): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(readKubelet(node)) ?? [];
  return Number(major) === 1 && Number(minor) < LEAST_MINOR;
}

function toNode(node: unknown): string {
  return `${readText(isObject(node) ? node.metadata : {}, "name")} ${readKubelet(node)}`;
}

function readKubelet(node: unknown): string {
  const status = isObject(node) && isObject(node.status) ? node.status : {};
  return readText(status.nodeInfo, "kubeletVersion");
}

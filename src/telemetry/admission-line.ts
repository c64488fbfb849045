/**
 * The log line of one admission. It contains names, the labels listed below, and the audit annotations: never the value of
 * another annotation, never a body.
 */
import { readLabel } from "../core/admission/pod.ts";
import type { AdmissionRequest } from "../core/admission/request.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Level } from "./log.ts";

/** Labels that Flyte puts on its pods, by the name of their log field. */
const LABELS = { project: "project", domain: "domain", execution: "execution-id" } as const;

/** Longest text taken from a pod; names and labels in Kubernetes are shorter. */
const LONGEST = 253;

/**
 * Renders the fields of the line.
 *
 * @param ms how long the review took, in milliseconds
 */
export function toAdmissionFields(
  request: AdmissionRequest,
  outcome: Outcome,
  ms: number,
): Readonly<Record<string, unknown>> {
  const pod = isObject(request.object) ? request.object : {};
  const metadata = isObject(pod.metadata) ? pod.metadata : {};
  const spec = isObject(pod.spec) ? pod.spec : {};
  return {
    uid: toText(request.uid),
    namespace: toText(request.namespace),
    pod: toText(metadata.name) ?? toText(metadata.generateName),
    ...readLabels(pod),
    serviceAccount: toText(spec.serviceAccountName),
    user: toText(request.user),
    ...(request.dryRun && { dryRun: true }),
    result: toResult(outcome),
    code: outcome.status?.code ?? 200,
    issues: outcome.issues.length > 0 ? countCodes(outcome) : undefined,
    micros: Math.round(ms * 1_000),
    ...outcome.auditAnnotations,
  };
}

/**
 * Renders the whole line as text, with the fields of {@link toAdmissionFields}. It builds no intermediate objects: under load,
 * collecting them would cost more than the review itself.
 *
 * @param head beginning of the line, from `createHead` of log.ts
 * @param ms how long the review took, in milliseconds
 * @returns one line of JSON, with its line feed
 */
export function renderAdmissionLine(
  head: string,
  request: AdmissionRequest,
  outcome: Outcome,
  ms: number,
): string {
  const pod = isObject(request.object) ? request.object : NOTHING;
  const metadata = isObject(pod.metadata) ? pod.metadata : NOTHING;
  const spec = isObject(pod.spec) ? pod.spec : NOTHING;
  let line = head + renderText("uid", request.uid) + renderText("namespace", request.namespace);
  line += renderText("pod", metadata.name) || renderText("pod", metadata.generateName);
  for (const [field, label] of LABEL_FIELDS) line += renderText(field, readLabel(pod, label));
  line += renderText("serviceAccount", spec.serviceAccountName) + renderText("user", request.user);
  if (request.dryRun) line += ',"dryRun":true';
  line += `,"result":"${toResult(outcome)}","code":${outcome.status?.code ?? 200}`;
  if (outcome.issues.length > 0) line += `,"issues":${JSON.stringify(countCodes(outcome))}`;
  return `${line},"micros":${Math.round(ms * 1_000)}${renderAudit(outcome)}}\n`;
}

const NOTHING: JsonObject = {};
const LABEL_FIELDS = Object.entries(LABELS);
/** Texts that JSON does not escape: ASCII without control characters, quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/;

function renderText(field: string, value: unknown): string {
  if (typeof value !== "string" || value === "") return "";
  const text = value.length > LONGEST ? value.slice(0, LONGEST) : value;
  return PLAIN.test(text) ? `,"${field}":"${text}"` : `,"${field}":${JSON.stringify(text)}`;
}

/** The members of the audit annotations as JSON text; for known reviews that text is cached. */
function renderAudit({ auditAnnotations, encoded }: Outcome): string {
  const text = encoded?.auditAnnotations ?? JSON.stringify(auditAnnotations);
  return text.length > 2 ? `,${text.slice(1, -1)}` : "";
}

/** The result for the pod: `unchanged` has no patch; `error` is a temporary refusal caused by the webhook itself. */
export type AdmissionResult = "patched" | "unchanged" | "denied" | "error";

/** @returns the result of a review, for log and metrics */
export function toResult({ allowed, patch, status }: Outcome): AdmissionResult {
  if (allowed) return patch === "" ? "unchanged" : "patched";
  return (status?.code ?? 400) >= 500 ? "error" : "denied";
}

/** @returns the level of a review's log line: refusals are warnings, failures of the webhook errors */
export function toLevel(outcome: Outcome): Level {
  const result = toResult(outcome);
  if (result === "error") return "error";
  if (result === "denied") return "warn";
  return result === "unchanged" ? "debug" : "info";
}

function readLabels(pod: JsonObject): Record<string, string | undefined> {
  const entries = Object.entries(LABELS).map(([field, label]) => [field, toText(readLabel(pod, label))]);
  return Object.fromEntries(entries);
}

function countCodes({ issues }: Outcome): readonly string[] {
  // There are at most a hundred issues, most often none or one.
  const codes: string[] = [];
  for (const { code } of issues) if (!codes.includes(code)) codes.push(code);
  return codes;
}

function toText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, LONGEST) : undefined;
}

/** The one sentence that comes first: what happens to this pod. */
import { REQUEST_PREFIX } from "../../core/secret/request.ts";
import type { Annotation, Result, Severity } from "../answer.ts";
import { listFiles } from "./files.ts";

/** How a verdict looks: `good`, `warn` and `bad` are green, amber and red; `quiet` is neither. */
type Tone = "good" | "warn" | "bad" | "quiet";

/** A word and a sentence. */
export interface Verdict {
  readonly tone: Tone;
  readonly word: string;
  readonly sentence: string;
}

/** Gives the verdict of one pod. */
export function judge(result: Result): Verdict {
  if (!result.allowed) return { tone: "bad", word: "Refused", sentence: sayRefused(result) };
  if (has(result, "pod.label-missing")) {
    return {
      tone: "warn",
      word: "Not sent",
      sentence: "The pod never reaches the webhook: it lacks the label, so its task starts without secrets.",
    };
  }
  if (result.requests.length === 0) return judgeUnasked(result);
  if (result.injected?.allowed === false) {
    const reason = result.injected.message ?? "the injector gives no reason";
    return {
      tone: "bad",
      word: "Refused later",
      sentence: `The webhook allows the pod; the injector refuses it: ${reason}.`,
    };
  }
  if (result.patch.length === 0) {
    return { tone: "quiet", word: "Unchanged", sentence: "The pod has all of it already: nothing is added." };
  }
  const tone = has(result, "error") ? "bad" : has(result, "warning") ? "warn" : "good";
  return { tone, word: "Allowed", sentence: sayAllowed(result) };
}

function judgeUnasked(result: Result): Verdict {
  const sentence = "The pod asks for no secrets, and the webhook leaves it alone.";
  const tone = has(result, "error") || has(result, "warning") ? "warn" : "quiet";
  return { tone, word: "Left alone", sentence: [sentence, ...countIssues(result)].join(" ") };
}

function sayAllowed(result: Result): string {
  return [
    `The task finds ${count(listFiles(result).length, "file")}.`,
    ...sayPlugins(result),
    ...countIssues(result),
  ].join(" ");
}

function sayPlugins({ annotations }: Result): string[] {
  const names = annotations.flatMap(({ source }) => (source.kind === "plugin" ? [source.name] : []));
  if (names.length === 0) return [];
  const plugins = new Set(names).size === 1 ? "a plugin" : "plugins";
  return [`${count(names.length, "annotation")} ${names.length === 1 ? "comes" : "come"} from ${plugins}.`];
}

function sayRefused({ issues, annotations }: Result): string {
  const denied = issues.filter(({ severity }) => severity === "deny");
  const culprits = new Set(
    denied.flatMap(({ annotation }) => (annotation?.startsWith(REQUEST_PREFIX) ? [annotation] : [])),
  );
  const asked = countRequests(annotations, culprits);
  const reasons = denied.length === 0 ? "" : ` ${count(denied.length, "reason")} below.`;
  if (culprits.size === 0) return `The API server does not create the pod.${reasons}`;
  const share =
    culprits.size === asked ? count(culprits.size, "request") : `${culprits.size} of ${asked} requests`;
  return `${share} cannot be served, so the API server does not create the pod.${reasons}`;
}

/** The pod carries its requests as annotations; a refused one may be the only trace of them. */
function countRequests(annotations: readonly Annotation[], culprits: ReadonlySet<string>): number {
  const keys = annotations.map(({ key }) => key).filter((key) => key.startsWith(REQUEST_PREFIX));
  return new Set([...keys, ...culprits]).size;
}

function countIssues({ issues }: Result): string[] {
  const of = (severity: Severity) => issues.filter((issue) => issue.severity === severity).length;
  const [errors, warnings] = [of("error"), of("warning")];
  return [
    ...(errors > 0 ? [`${count(errors, "error")}.`] : []),
    ...(warnings > 0 ? [`${count(warnings, "warning")}.`] : []),
  ];
}

function has({ issues }: Result, what: Severity | "pod.label-missing"): boolean {
  return issues.some(({ severity, code }) => severity === what || code === what);
}

/** @returns a number with its noun: `1 file`, `2 files` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

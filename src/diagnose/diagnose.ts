/** Explains why a pod hangs: checks the links between request and task in order, and finds the first fault. */
import type { Issue } from "../core/issue/issue.ts";
import type { Ports } from "../core/ports.ts";
import { type Evidence, type PodFacts, readPodFacts } from "./evidence.ts";
import type { Chain, Link } from "./link.ts";
import { checkRequests, checkWebhook } from "./link-admission.ts";
import { checkInjector } from "./link-injector.ts";
import { checkAgent, checkClient, checkFiles, checkStart } from "./link-run.ts";

/** The result of a diagnosis. */
export interface Diagnosis {
  readonly pod: { readonly name: string; readonly namespace: string };
  /** `hangs` if a fault is found, `waits` if the pod is still starting, else `healthy`. */
  readonly verdict: "healthy" | "waits" | "hangs";
  /** One sentence, with a final stop. */
  readonly sentence: string;
  /** The links in order; links after a fault are checked as far as possible. */
  readonly links: readonly Link[];
  /** The first fault; `undefined` if there is none. */
  readonly fault: Issue | undefined;
  /** Text for the Vault team, without secret values; `undefined` if the Vault team does not have to act. */
  readonly forVaultTeam: string | undefined;
}

const CHECKS: readonly ((chain: Chain) => Link)[] = [
  ...[checkRequests, checkWebhook, checkInjector, checkStart, checkAgent, checkFiles, checkClient],
];

/** Diagnoses one pod. */
export function diagnosePod(evidence: Evidence, ports: Pick<Ports, "decodeUtf8">): Diagnosis {
  const facts = readPodFacts(evidence.pod, ports);
  const { name, namespace } = facts;
  const pod = { name, namespace };
  if (facts.requests.length === 0 && facts.files.length === 0) {
    return {
      ...{ pod, verdict: "healthy", fault: undefined, forVaultTeam: undefined },
      sentence: `Pod ${namespace}/${name} asks for no secrets.`,
      links: [checkRequests({ ...evidence, facts })],
    };
  }
  const links = CHECKS.map((check) => check({ ...evidence, facts }));
  const broken = findFault(links, facts);
  const waiting = links.find(({ verdict }) => verdict === "waiting");
  const verdict = broken ? "hangs" : waiting ? "waits" : "healthy";
  return {
    ...{ pod, verdict, links },
    fault: broken?.issue,
    sentence: toSentence(facts, broken, waiting),
    forVaultTeam: broken?.party === "vault" ? renderForVaultTeam(facts, broken) : undefined,
  };
}

/** Finds the fault to report. If the agent has succeeded, faults in annotations no longer matter. */
function findFault(links: readonly Link[], facts: PodFacts): Link | undefined {
  const faults = links.filter(({ verdict }) => verdict === "fault");
  const isServed = facts.containers.some(
    ({ name, state, exitCode }) => name === "vault-agent-init" && state === "ended" && exitCode === 0,
  );
  return isServed
    ? faults.find(({ name }) => name === "files" || name === "client" || name === "start")
    : faults[0];
}

function toSentence(facts: PodFacts, broken: Link | undefined, waiting: Link | undefined): string {
  const { namespace, name, containers } = facts;
  const pod = `Pod ${namespace}/${name}`;
  if (broken?.issue) {
    // A task that has started does not wait for its secrets but runs without them.
    const hasStarted = containers.some(
      ({ isInit, state }) => !isInit && (state === "running" || state === "ended"),
    );
    return `${pod} ${hasStarted ? "runs without its secrets" : "hangs"} because ${broken.issue.message}.`;
  }
  if (!facts.isStored) return `${pod} is not stored in a cluster yet: preview shows what it would get.`;
  if (waiting) return `${pod} waits for the agent: ${waiting.detail}. No fault found.`;
  return `${pod} is healthy: no fault found between its requests and its task.`;
}

function renderForVaultTeam(facts: PodFacts, { issue, evidence }: Link): string {
  const lines = [
    ["What happens", issue?.message ?? ""],
    ["Vault address", facts.address || "the injector's default"],
    ["Vault namespace", facts.vaultNamespace || "(none)"],
    ["Auth method", facts.authPath],
    ["Role", facts.role],
    ["Kubernetes namespace", facts.namespace],
    ["Service account", facts.account],
    ["Paths", [...new Set(facts.files.map(({ secret }) => secret))].join(", ")],
    ["Agent's log", (evidence ?? "").slice(0, 500)],
  ];
  return lines.map(([label = "", value]) => `${`${label}:`.padEnd(22)}${value}`).join("\n");
}

/**
 * The chain from a secret request to a task that reads its file, link by link. Each link looks at the evidence alone and
 * says fine, fault, or not known; the first fault is why the pod hangs.
 */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import type { Issue } from "../core/issue/issue.ts";
import { isObject } from "../core/json.ts";
import { INJECT_LABEL } from "../core/secret/request.ts";
import { VAULT_DOMAIN, VaultKey } from "../core/vault/key.ts";
import { readText } from "../preview/input/identify.ts";
import { findInLog, findLastError } from "./agent.ts";
import { type ContainerState, type Evidence, type PodFacts, toList } from "./evidence.ts";
import type { Party } from "./patterns.ts";
import { isCalledFor, readRegistrations } from "./registration.ts";

/** What one link says. */
export interface Link {
  readonly name: "requests" | "webhook" | "injector" | "start" | "agent" | "files" | "client";
  readonly verdict: "fine" | "fault" | "waiting" | "unknown";
  /** What was seen, in words. */
  readonly detail: string;
  readonly issue?: Issue;
  readonly party?: Party;
  /** The line of a log or an event that shows it. */
  readonly evidence?: string;
}

/** What every link is given. */
export interface Chain extends Evidence {
  readonly facts: PodFacts;
}

const AGENT_INIT = "vault-agent-init";
const AGENT = "vault-agent";

/** Task → annotations `flyte.secrets/s*`. */
export function checkRequests({ facts }: Chain): Link {
  const name = "requests";
  const bad = facts.requests.find(({ reason }) => reason !== undefined);
  // A webhook refuses such a pod: where one has served it, the annotation came later.
  if (bad && facts.annotations[VaultKey.inject] === undefined) {
    const { annotation, reason = "" } = bad;
    return fault(name, diagnoseIssues["diagnose.request"]({ annotation, reason }), "task");
  }
  if (facts.requests.length === 0) return { name, verdict: "unknown", detail: "the pod asks for no secrets" };
  const paths = facts.requests.map(({ request }) => `${request?.group}#${request?.key}`);
  return fine(name, `${facts.requests.length} requested: ${paths.slice(0, 5).join(", ")}`);
}

/** Requests → annotations of the injector, by this webhook or by Flyte's. */
export function checkWebhook(chain: Chain): Link {
  const name = "webhook";
  const { facts, registrations, namespaceLabels } = chain;
  const { annotations, namespace } = facts;
  const inject = annotations[VaultKey.inject];
  if (inject === undefined && !facts.isStored)
    return {
      name,
      verdict: "unknown",
      detail: "the pod is a manifest, which no webhook has been asked about",
    };
  if (inject === undefined) {
    if (facts.labels[INJECT_LABEL] !== "true")
      return fault(name, diagnoseIssues["diagnose.label-missing"]({}), "task");
    const writers = registrations && readRegistrations(registrations).filter(({ owner }) => isWriter(owner));
    const isSelected = writers?.some((webhook) => isCalledFor(webhook, facts, namespaceLabels));
    const issue =
      writers && writers.length > 0 && !isSelected ? "diagnose.not-selected" : "diagnose.not-sent";
    return fault(name, diagnoseIssues[issue]({ namespace }), "platform");
  }
  if (!/^(?:1|t|T|TRUE|true|True)$/.test(inject)) {
    const facts = { key: VaultKey.inject, value: inject };
    return fault(name, diagnoseIssues["diagnose.inject-off"](facts), "task");
  }
  const broken = facts.files.map(({ id, template = "" }) => [id, readBrokenKey(template)] as const);
  const [id, key] = broken.find(([, each]) => each !== undefined) ?? [];
  if (id !== undefined && key !== undefined)
    return fault(name, diagnoseIssues["diagnose.flyte-template"]({ id, key }), "platform");
  return fine(name, `${facts.files.length} files declared, role ${facts.role || "(none)"}`);
}

/** Annotations of the injector → the agent's container. */
export function checkInjector({ facts, registrations, namespaceLabels, injectorUntrusted }: Chain): Link {
  const name = "injector";
  const hasAgent = facts.containers.some((container) => isAgent(container.name));
  if (facts.annotations[VaultKey.status] === "injected" && hasAgent)
    return fine(name, "the pod has its agent");
  if (!facts.isStored || facts.annotations[VaultKey.inject] === undefined)
    return { name, verdict: "unknown", detail: "it has not been asked" };
  const silent = fault(name, diagnoseIssues["diagnose.injector-silent"]({}), "platform");
  if (!registrations) return silent;
  const webhooks = readRegistrations(registrations);
  const injector = webhooks.find(({ owner }) => owner === "injector");
  if (!injector) return fault(name, diagnoseIssues["diagnose.injector-missing"]({}), "platform");
  const writer = webhooks.find(
    (webhook) => isWriter(webhook.owner) && isCalledFor(webhook, facts, namespaceLabels),
  );
  const { registration } = injector;
  if (writer && registration < writer.registration && injector.reinvocationPolicy === "Never") {
    const names = { registration, ours: writer.registration };
    return fault(name, diagnoseIssues["diagnose.injector-first"](names), "platform");
  }
  if (injectorUntrusted !== undefined) {
    const about = fault(name, diagnoseIssues["diagnose.injector-certificate"]({ registration }), "platform");
    return { ...about, evidence: injectorUntrusted };
  }
  if (injector.failurePolicy === "Ignore")
    return fault(name, diagnoseIssues["diagnose.injector-ignored"]({ registration }), "platform");
  return silent;
}

/** The node: scheduled, images pulled, volumes mounted, everything before the agent over. */
export function checkStart({ facts, events }: Chain): Link {
  const name = "start";
  if (facts.unscheduled !== undefined)
    return fault(name, diagnoseIssues["diagnose.unscheduled"]({ reason: facts.unscheduled }), "platform");
  const pull = facts.containers.find(({ reason }) =>
    /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName)$/.test(reason),
  );
  if (pull) {
    const { name: container, image } = pull;
    const reason = pull.message || pull.reason;
    return fault(name, diagnoseIssues["diagnose.image-pull"]({ container, image, reason }), "platform");
  }
  const broken = facts.containers.find(({ reason }) =>
    /^(?:CreateContainer(?:Config)?Error|RunContainerError)$/.test(reason),
  );
  if (broken) {
    const reason = broken.message || broken.reason;
    return fault(
      name,
      diagnoseIssues["diagnose.container-config"]({ container: broken.name, reason }),
      "platform",
    );
  }
  const agent = facts.containers.find((container) => container.name === AGENT_INIT);
  const mount = toList(events).find((event) => readText(event, "reason") === "FailedMount");
  if (mount && (!agent || agent.state === "waiting" || agent.state === "none")) {
    const reason = readText(mount, "message");
    return { ...fault(name, diagnoseIssues["diagnose.volume"]({ reason }), "platform"), evidence: reason };
  }
  const before = findBlocking(facts.containers);
  if (before) return fault(name, diagnoseIssues["diagnose.init-order"]({ container: before.name }), "task");
  if (facts.phase === "" || facts.containers.every(({ state }) => state === "none"))
    return { name, verdict: "unknown", detail: "the pod has no status yet" };
  return fine(name, "on a node, its images are pulled and its volumes mounted");
}

/** The agent: logs in, reads, renders, and ends. */
export function checkAgent({ facts, log }: Chain): Link {
  const name = "agent";
  const agent = facts.containers.find((container) => isAgent(container.name));
  if (!agent || agent.state === "none") return { name, verdict: "unknown", detail: "it has not started" };
  if (agent.state === "ended" && agent.exitCode === 0)
    return fine(name, "it has written its files and ended");
  if (agent.lastReason === "OOMKilled")
    return fault(name, diagnoseIssues["diagnose.out-of-memory"]({ container: agent.name }), "platform");
  const found = log === undefined ? undefined : findInLog(log, facts);
  if (found) return toAgentFault(found, facts);
  if (agent.name === AGENT && agent.state === "running") return fine(name, "the sidecar runs");
  const last = log === undefined ? undefined : findLastError(log);
  const hasFailed = agent.state === "ended" || agent.reason === "CrashLoopBackOff";
  if (hasFailed) {
    const reason = last ?? `it ended with code ${agent.exitCode ?? "unknown"}`;
    return fault(name, diagnoseIssues["diagnose.agent-failed"]({ reason: reason.slice(0, 300) }), "platform");
  }
  const seen = log === undefined ? "its log could not be read" : "its log has no error";
  return { name, verdict: "waiting", detail: `it is ${agent.state}, and ${seen}` };
}

/** Files: where they are written, and who mounts them. */
export function checkFiles({ facts }: Chain): Link {
  const name = "files";
  const isMounted = (container: ContainerState) =>
    container.mounts.some(({ mountPath }) => isSameFolder(mountPath, facts.folder));
  if (!facts.containers.some(isMounted)) {
    return { name, verdict: "unknown", detail: `nothing mounts ${facts.folder}` };
  }
  const bare = facts.containers.find(
    (container) =>
      !container.isInit && !isAgent(container.name) && readsSecrets(container) && !isMounted(container),
  );
  const isNarrowed = facts.annotations[`${VAULT_DOMAIN}agent-inject-containers`] !== undefined;
  // With the names given, a container that is left out is left out on purpose.
  if (bare && !isNarrowed)
    return fault(name, diagnoseIssues["diagnose.no-mount"]({ container: bare.name }), "platform");
  return fine(name, `${facts.files.length} below ${facts.folder}`);
}

/** The task's client: looks where the files are. */
export function checkClient({ facts }: Chain): Link {
  const name = "client";
  for (const container of facts.containers) {
    if (container.isInit || isAgent(container.name)) continue;
    const looks = container.env.findLast((variable) => variable.name === FOLDER_VARIABLE)?.value;
    if (looks === undefined || isSameFolder(looks, facts.folder)) continue;
    const names = { container: container.name, looks, written: facts.folder };
    return fault(name, diagnoseIssues["diagnose.folder"](names), "task");
  }
  const states = facts.containers.filter(({ isInit }) => !isInit).map((each) => `${each.name} ${each.state}`);
  return fine(name, states.join(", "));
}

const FOLDER_VARIABLE = "FLYTE_SECRETS_DEFAULT_DIR";

function toAgentFault(
  { issue, party, entry }: NonNullable<ReturnType<typeof findInLog>>,
  facts: PodFacts,
): Link {
  const mesh = MESHES.find(({ matches }) =>
    facts.containers.some((container) => matches.test(container.name)),
  );
  const isNetwork = issue.code === "diagnose.refused" || issue.code === "diagnose.timeout";
  // A proxy that is a native sidecar runs before the agent does.
  const hasProxy = facts.containers.some(({ isSidecar, name }) => isSidecar && mesh?.proxy.test(name));
  if (!mesh || !isNetwork || hasProxy) return { ...fault("agent", issue, party), evidence: entry };
  const address = facts.address || "the injector's own address";
  const about = diagnoseIssues["diagnose.mesh"]({ mesh: mesh.name, address });
  return { ...fault("agent", about, "platform"), evidence: entry };
}

/** Init containers that send a pod's connections to a proxy, which is not there while init containers run. */
const MESHES = [
  { name: "Istio", matches: /^istio-(?:init|validation)$/, proxy: /^istio-proxy$/ },
  { name: "Linkerd", matches: /^linkerd-(?:init|network-validator)$/, proxy: /^linkerd-proxy$/ },
  { name: "Consul", matches: /^consul-connect-inject-init$/, proxy: /^consul-dataplane$/ },
];

/** An init container before the agent that runs, or waits, although everything before it is over. */
function findBlocking(containers: readonly ContainerState[]): ContainerState | undefined {
  const at = containers.findIndex(({ name }) => name === AGENT_INIT);
  if (at < 0) return undefined;
  return containers
    .slice(0, at)
    .find(
      ({ state, isSidecar, exitCode }) =>
        !isSidecar && (state === "running" || (state === "ended" && exitCode !== 0)),
    );
}

function isWriter(owner: string): boolean {
  return owner === "ours" || owner === "flyte";
}

function isAgent(name: string): boolean {
  return name === AGENT_INIT || name === AGENT;
}

function readsSecrets({ env }: ContainerState): boolean {
  return env.some(({ name }) => name === FOLDER_VARIABLE);
}

function isSameFolder(left: string, right: string): boolean {
  return left.replace(/\/+$/, "") === right.replace(/\/+$/, "");
}

/** Flyte's own template of a key that is no identifier: `{{ .Data.data.api-key }}`. */
function readBrokenKey(template: string): string | undefined {
  const key = /^\{\{- with secret ".*?" -\}\}\{\{ \.Data(?:\.data)?\.(.+?) \}\}\{\{- end -\}\}$/.exec(
    template,
  )?.[1];
  // Dotted keys parse: the agent reads them as nested values.
  const isBroken = key?.split(".").some((part) => !/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(part));
  return isBroken ? key : undefined;
}

function fine(name: Link["name"], detail: string): Link {
  return { name, verdict: "fine", detail };
}

function fault(name: Link["name"], issue: Issue, party: Party): Link {
  return { name, verdict: "fault", detail: issue.message, issue, party };
}

/** @returns whether a value looks like a list of events. */
export function isEvent(value: unknown): boolean {
  return isObject(value) && value.kind === "Event";
}

/** Checks the links on the node: the pod starts, its agent logs in and writes files, and the task looks in the right folder. */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import { VAULT_DOMAIN } from "../core/vault/key.ts";
import { readText } from "../preview/input/identify.ts";
import { type AgentFinding, findInLog, findLastError } from "./agent.ts";
import { type ContainerState, type PodFacts, toList } from "./evidence.ts";
import { AGENT, AGENT_INIT, type Chain, fault, fine, isAgent, type Link } from "./link.ts";
import { translateMessage } from "./messages.ts";

/** Checks the start: scheduled, images pulled, volumes mounted, init containers before the agent finished. */
export function checkStart({ facts, events }: Chain): Link {
  const name = "start";
  const { finalizer } = facts;
  if (finalizer !== undefined && facts.containers.some(({ env }) => env.some(({ isFromFile }) => isFromFile)))
    return fault(name, diagnoseIssues["diagnose.variable-finalizer"]({ finalizer }), "platform");
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
  if (broken) return explainBroken(broken);
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

/** Explains why a container cannot be created. */
function explainBroken({ name: container, message, reason }: ContainerState): Link {
  const known = translateMessage(message, container);
  if (known) return { ...fault("start", known.issue, known.party), evidence: message };
  const facts = { container, reason: message || reason };
  return fault("start", diagnoseIssues["diagnose.container-config"](facts), "platform");
}

/** Checks the agent: it logs in, reads, renders and exits. */
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

/** Checks the files: that containers mount the folder to which they are written. */
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
  // If an annotation names the containers, others are left out on purpose.
  if (bare && !isNarrowed)
    return fault(name, diagnoseIssues["diagnose.no-mount"]({ container: bare.name }), "platform");
  return fine(name, `${facts.files.length} below ${facts.folder}`);
}

/** Checks the task's client: that it looks in the folder to which the files are written. */
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

function toAgentFault({ issue, party, entry }: AgentFinding, facts: PodFacts): Link {
  const mesh = MESHES.find(({ matches }) =>
    facts.containers.some((container) => matches.test(container.name)),
  );
  const isNetwork = issue.code === "diagnose.refused" || issue.code === "diagnose.timeout";
  // A proxy that is a native sidecar starts before the agent.
  const hasProxy = facts.containers.some(({ isSidecar, name }) => isSidecar && mesh?.proxy.test(name));
  if (!mesh || !isNetwork || hasProxy) return { ...fault("agent", issue, party), evidence: entry };
  const address = facts.address || "the injector's own address";
  const about = diagnoseIssues["diagnose.mesh"]({ mesh: mesh.name, address });
  return { ...fault("agent", about, "platform"), evidence: entry };
}

/** Init containers of service meshes that redirect connections to a proxy, which is not running yet during init containers. */
const MESHES = [
  { name: "Istio", matches: /^istio-(?:init|validation)$/, proxy: /^istio-proxy$/ },
  { name: "Linkerd", matches: /^linkerd-(?:init|network-validator)$/, proxy: /^linkerd-proxy$/ },
  { name: "Consul", matches: /^consul-connect-inject-init$/, proxy: /^consul-dataplane$/ },
];

/** @returns an init container before the agent that still runs or has failed */
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

function readsSecrets({ env }: ContainerState): boolean {
  return env.some(({ name }) => name === FOLDER_VARIABLE);
}

function isSameFolder(left: string, right: string): boolean {
  return left.replace(/\/+$/, "") === right.replace(/\/+$/, "");
}

/**
 * A model of the Vault Agent Injector (vault-k8s 1.7.6): pod → refusal, reason to leave it alone, or JSON Patch and agent
 * configurations. It never sees a secret value, because the agent renders templates only in the pod.
 */
import { type Agent, type AgentConfig, readAgent, validateAgent } from "./agent.ts";
import { type AgentContainer, buildContainer } from "./container.ts";
import { fillDefaults } from "./defaults.ts";
import { type InjectorFlags, type InjectorSettings, toSettings } from "./flags.ts";
import { type Decoded, encode } from "./go-codec.ts";
import { CONTAINER } from "./kubernetes.ts";
import { type InjectorPod, type PodContainer, readInjectorPod } from "./pod.ts";
import { Reader, type Refusal, readDomain } from "./reader.ts";
import { type LeftAlone, readSwitch } from "./switch.ts";
import { vaultKey } from "./vocabulary.ts";
import { type AddedVolume, listSecretMounts, listVolumes } from "./volume.ts";

/** An operation of the injector's JSON Patch (RFC 6902). */
export type InjectorOperation =
  | { readonly op: "add"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** The agents' configurations. */
export interface InjectedAgents {
  /** Configuration of the init container; absent if there is none, or a ConfigMap has it. */
  readonly init?: AgentConfig;
  /** Configuration of the sidecar; absent if there is none, or a ConfigMap has it. */
  readonly sidecar?: AgentConfig;
}

/** The injector's decision about a pod. */
export type Injection =
  | { readonly kind: "left-alone"; readonly why: LeftAlone }
  | ({ readonly kind: "refused" } & Refusal)
  | {
      readonly kind: "injected";
      readonly patch: readonly InjectorOperation[];
      readonly agents: InjectedAgents;
    };

const NO_FLAGS: InjectorFlags = {};
const SYSTEM_NAMESPACES: readonly string[] = ["kube-system", "kube-public"];

/**
 * Computes what the injector does to a pod (vault-k8s `agent-inject/handler.go`, `Mutate`).
 *
 * @param pod the object of the admission request, to which the API server has already added the token volume
 * @param namespace namespace of the request, not of the pod's metadata
 * @param flags the injector's options that differ from the defaults
 */
export function inject(pod: unknown, namespace: string, flags: InjectorFlags = NO_FLAGS): Injection {
  const read = readInjectorPod(pod);
  if ("error" in read) return { kind: "refused", message: read.error, cause: "pod" };
  const own = readDomain(read.annotations);
  const switched = readSwitch(own, read.phase);
  if (typeof switched === "string") return { kind: "left-alone", why: switched };
  if (switched)
    return refuse(`error checking if should inject agent: ${switched.error}`, "value", "agent-inject");
  if (SYSTEM_NAMESPACES.includes(namespace)) {
    const message = `error with request namespace: cannot inject into system namespaces: ${namespace}`;
    return refuse(message, "namespace");
  }
  const settings = toSettings(flags);
  const names = read.containers.map(({ name }) => name);
  const filled = fillDefaults(own, settings, namespace, names);
  if (filled.error !== undefined) {
    return refuse(`error adding default annotations: ${filled.error}`, filled.cause, filled.name);
  }
  return injectFilled(read, filled.values, settings);
}

function refuse(message: string, cause: Refusal["cause"], name?: string): Injection {
  return { kind: "refused", message, cause, ...(name === undefined ? {} : { name }) };
}

function injectFilled(
  pod: InjectorPod,
  values: ReadonlyMap<string, string>,
  settings: InjectorSettings,
): Injection {
  const parsing = new Reader(values, "error creating new agent sidecar: ");
  const agent = readAgent(pod, parsing);
  if (parsing.refusal) return { kind: "refused", ...parsing.refusal };
  const validating = new Reader(values, "error validating agent configuration: ");
  validateAgent(agent, validating);
  if (validating.refusal) return { kind: "refused", ...validating.refusal };
  const reader = new Reader(values, "error creating patch for agent: ");
  const build = (init: boolean) => buildContainer(agent, reader, settings.caCertBytes, init);
  const init = agent.init ? build(true) : undefined;
  const sidecar = agent.sidecar && !reader.refusal ? build(false) : undefined;
  if (reader.refusal) return { kind: "refused", ...reader.refusal };
  return {
    kind: "injected",
    patch: [...listOperations(agent, reader, init, sidecar)],
    agents: {
      ...(init?.config ? { init: init.config } : {}),
      ...(sidecar?.config ? { sidecar: sidecar.config } : {}),
    },
  };
}

/** The patch in the injector's order (vault-k8s `agent.Patch`). */
function* listOperations(
  agent: Agent,
  reader: Reader,
  init: AgentContainer | undefined,
  sidecar: AgentContainer | undefined,
): Generator<InjectorOperation> {
  const { pod, secrets, cache } = agent;
  yield* addVolumes(pod, listVolumes(reader, { ...agent, persist: cache.persist }));
  const mounts = listSecretMounts(reader, secrets);
  const named = new Set(reader.text("agent-inject-containers").split(","));
  for (const [i, container] of pod.containers.entries()) {
    if (named.has(container.name)) yield* addMounts(container, mounts, `/spec/containers/${i}/volumeMounts`);
  }
  if (init) {
    yield* addInit(agent, init.container);
    for (const [i, container] of listInitContainers(agent, init.container).entries()) {
      if (container.name === "vault-agent-init") continue;
      yield* addMounts(container, mounts, `/spec/initContainers/${i}/volumeMounts`);
    }
    if (agent.shareProcesses !== undefined) {
      yield { op: "add", path: "/spec/shareProcessNamespace", value: agent.shareProcesses };
    }
  }
  if (sidecar) yield* addItems(pod.containers.length, [sidecar.container], "/spec/containers");
  const status = vaultKey("agent-inject-status").replaceAll("/", "~1");
  yield { op: "add", path: `/metadata/annotations/${status}`, value: "injected" };
}

/**
 * Adds each kind of volume separately, as the injector does: in a pod without volumes each kind replaces the list, and only
 * the last one remains.
 */
function* addVolumes(pod: InjectorPod, volumes: readonly AddedVolume[]): Generator<InjectorOperation> {
  const isHome = ({ name }: AddedVolume) => name.startsWith("home-");
  const isSecret = ({ name }: AddedVolume) => name.startsWith("vault-secrets");
  const groups = [
    volumes.filter(isHome),
    volumes.filter(isSecret),
    ...volumes.filter((volume) => !isHome(volume) && !isSecret(volume)).map((volume) => [volume]),
  ];
  for (const group of groups) yield* addItems(pod.volumes.length, group, "/spec/volumes");
}

function addMounts(
  container: PodContainer,
  mounts: readonly unknown[],
  path: string,
): Generator<InjectorOperation> {
  return addItems(container.mounts.length, mounts, path);
}

/** Adds items to a list; the first item creates the list if it does not exist. */
function* addItems(present: number, added: readonly unknown[], path: string): Generator<InjectorOperation> {
  for (const [i, value] of added.entries()) {
    if (present === 0 && i === 0) yield { op: "add", path, value: [value] };
    else yield { op: "add", path: `${path}/-`, value };
  }
}

function* addInit({ pod, initFirst }: Agent, container: Decoded): Generator<InjectorOperation> {
  const path = "/spec/initContainers";
  if (!initFirst) return yield* addItems(pod.initContainers.length, [container], path);
  if (pod.initContainers.length > 0) yield { op: "remove", path };
  const own = pod.initContainers.map(({ decoded }) => encode(CONTAINER, decoded));
  yield* addItems(0, [container, ...own], path);
}

/** @returns the init containers that get mounts, at their index in the list after the patch so far */
function listInitContainers({ pod, initFirst }: Agent, container: Decoded): readonly PodContainer[] {
  if (!initFirst) return pod.initContainers;
  const name = typeof container.name === "string" ? container.name : "";
  const mounts = Array.isArray(container.volumeMounts) ? container.volumeMounts : [];
  const added = { name, mounts, env: [], hasSecurityContext: true, runAsUser: undefined, decoded: container };
  return [added, ...pod.initContainers];
}

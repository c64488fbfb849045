/** Rules on what the injector adds to a pod that already has something of that name or in that place. */
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { DEFAULT_VOLUME_PATH } from "../vault/key.ts";
import { vaultKey } from "../vault/vocabulary.ts";
import {
  type FinishedChange,
  field,
  hasInitAgent,
  hasNamed,
  hasSidecar,
  isOn,
  items,
  textOf,
} from "./change.ts";

const VOLUME_PATH = vaultKey("secret-volume-path");
const INJECT_CONTAINERS = vaultKey("agent-inject-containers");
const COPY_MOUNTS = vaultKey("agent-copy-volume-mounts");
const INIT_FIRST = vaultKey("agent-init-first");
const CONFIGMAP = vaultKey("agent-configmap");
const TLS_SECRET = vaultKey("tls-secret");
const EXTRA_SECRET = vaultKey("agent-extra-secret");
const CACHE = vaultKey("agent-cache-enable");

/** A mount where the secret volume belongs; the API server wants mount paths to be unique in a container. */
export function checkMounts(change: FinishedChange, found: Issue[]): void {
  const { spec } = change.pod;
  const target = withoutSlash(change.annotations.get(VOLUME_PATH) ?? DEFAULT_VOLUME_PATH);
  const named = change.annotations.get(INJECT_CONTAINERS)?.split(",");
  reportMounts(spec, "containers", target, named, found);
  if (hasInitAgent(change)) reportMounts(spec, "initContainers", target, undefined, found);
}

function reportMounts(
  spec: unknown,
  list: "containers" | "initContainers",
  target: string,
  named: readonly string[] | undefined,
  found: Issue[],
): void {
  for (const [index, container] of items(spec, list).entries()) {
    const name = textOf(container, "name");
    if (named && !named.includes(name)) continue;
    for (const mount of items(container, "volumeMounts")) {
      const mountPath = textOf(mount, "mountPath");
      if (mountPath === "" || withoutSlash(mountPath) !== target) continue;
      const where = { path: `/spec/${list}/${index}/volumeMounts` };
      found.push(checkIssues["pod.mount-taken"]({ container: name, mountPath }, where));
    }
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Names of volumes and containers that the injector adds (vault-k8s `agent-inject/agent/container_volume.go`). */
export function checkNames(change: FinishedChange, found: Issue[]): void {
  const { spec } = change.pod;
  const init = hasInitAgent(change);
  const sidecar = hasSidecar(change);
  for (const item of items(spec, "volumes")) {
    const volume = textOf(item, "name");
    if (!isInjectedVolume(volume, change, init, sidecar)) continue;
    found.push(checkIssues["pod.volume-taken"]({ volume }, { path: "/spec/volumes" }));
  }
  if (init) reportContainer(spec, "vault-agent-init", found);
  if (sidecar) reportContainer(spec, "vault-agent", found);
}

function isInjectedVolume(name: string, change: FinishedChange, init: boolean, sidecar: boolean): boolean {
  const { annotations } = change;
  switch (name) {
    case "vault-secrets":
      return true;
    case "home-init":
      return init;
    case "home-sidecar":
      return sidecar;
    case "vault-config":
      return (annotations.get(CONFIGMAP) ?? "") !== "";
    case "vault-tls-secrets":
      return (annotations.get(TLS_SECRET) ?? "") !== "";
    case "extra-secrets":
      return (annotations.get(EXTRA_SECRET) ?? "") !== "";
    case "vault-agent-cache":
      return isOn(change, CACHE, false) && init && sidecar;
    default:
      return false;
  }
}

function reportContainer(spec: unknown, container: string, found: Issue[]): void {
  for (const list of ["initContainers", "containers"]) {
    if (!hasNamed(spec, list, container)) continue;
    found.push(checkIssues["pod.container-taken"]({ container }, { path: `/spec/${list}` }));
  }
}

/** Names in agent-inject-containers, which the injector compares exactly and whose misses it does not report. */
export function checkContainerNames({ annotations, pod }: FinishedChange, found: Issue[]): void {
  const value = annotations.get(INJECT_CONTAINERS);
  const containers = items(pod.spec, "containers");
  if (value === undefined || containers.length === 0) return;
  const where = { annotation: INJECT_CONTAINERS };
  const names = containers.map((container) => textOf(container, "name"));
  for (const name of value.split(",")) {
    if (names.includes(name)) continue;
    const facts = { key: INJECT_CONTAINERS, name, known: names.join(", ") };
    const code = names.includes(name.trim())
      ? "pod.inject-containers-blank"
      : "pod.inject-containers-unknown";
    found.push(checkIssues[code](facts, where));
  }
}

/** The container whose mounts are copied; the injector ignores an unknown one. */
export function checkCopiedMounts({ annotations, pod }: FinishedChange, found: Issue[]): void {
  const name = annotations.get(COPY_MOUNTS);
  if (!name || items(pod.spec, "containers").length === 0) return;
  if (hasNamed(pod.spec, "containers", name) || hasNamed(pod.spec, "initContainers", name)) return;
  found.push(checkIssues["pod.copy-mounts-unknown"]({ key: COPY_MOUNTS, name }, { annotation: COPY_MOUNTS }));
}

/** The pod's own init containers, which run first unless the agent is told to. */
export function checkInitOrder(change: FinishedChange, found: Issue[]): void {
  if (!hasInitAgent(change) || isOn(change, INIT_FIRST, false)) return;
  if (!items(change.pod.spec, "initContainers").some((container) => field(container, "name") !== undefined))
    return;
  const where = { path: "/spec/initContainers", annotation: INIT_FIRST };
  found.push(checkIssues["pod.init-containers-first"]({ key: INIT_FIRST }, where));
}

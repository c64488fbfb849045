/** Rules about names and mount paths that the injector adds, but that the pod already uses. */

import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import { DEFAULT_VOLUME_PATH } from "../vault/key.ts";
import {
  type Annotations,
  always,
  field,
  hasInitAgent,
  hasNamed,
  hasSidecar,
  isOn,
  items,
  type PodCheck,
  type Rule,
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

/** Reports a mount at the path of the secret volume; the API server requires unique mount paths in a container. */
export const checkMounts: Rule = (annotations) => {
  const target = annotations.get(VOLUME_PATH) ?? DEFAULT_VOLUME_PATH;
  const names = readNames(annotations);
  const named = names && new Set(names);
  const init = hasInitAgent(annotations);
  return ({ pod: { spec } }, found) => {
    reportMounts(spec, "containers", target, named, found);
    if (init) reportMounts(spec, "initContainers", target, undefined, found);
  };
};

function reportMounts(
  spec: unknown,
  list: "containers" | "initContainers",
  target: string,
  named: ReadonlySet<string> | undefined,
  found: Findings,
): void {
  items(spec, list).forEach((container, index) => {
    const name = textOf(container, "name");
    if (named && !named.has(name)) return;
    for (const mount of items(container, "volumeMounts")) {
      const mountPath = textOf(mount, "mountPath");
      // The API server compares mount paths as texts, so a trailing slash makes a different path.
      if (mountPath === "" || mountPath !== target) continue;
      const where = { path: `/spec/${list}/${index}/volumeMounts` } as const;
      found.report(checkIssues["pod.mount-taken"], { container: name, mountPath }, where);
    }
  });
}

/** Reports volumes and containers with a name that the injector adds (vault-k8s `agent-inject/agent/container_volume.go`). */
export const checkNames: Rule = (annotations) => {
  const init = hasInitAgent(annotations);
  const sidecar = hasSidecar(annotations);
  const taken = listInjectedVolumes(annotations, init, sidecar);
  return ({ pod: { spec } }, found) => {
    for (const item of items(spec, "volumes")) {
      const volume = textOf(item, "name");
      // Comparing with a few names is faster than hashing the name of every volume for a set.
      if (!taken.includes(volume)) continue;
      found.report(checkIssues["pod.volume-taken"], { volume }, { path: "/spec/volumes" });
    }
    if (init) reportContainer(spec, "vault-agent-init", found);
    if (sidecar) reportContainer(spec, "vault-agent", found);
  };
};

function listInjectedVolumes(annotations: Annotations, init: boolean, sidecar: boolean): readonly string[] {
  const volumes = ["vault-secrets"];
  if (init) volumes.push("home-init");
  if (sidecar) volumes.push("home-sidecar");
  if (annotations.get(CONFIGMAP)) volumes.push("vault-config");
  if (annotations.get(TLS_SECRET)) volumes.push("vault-tls-secrets");
  if (annotations.get(EXTRA_SECRET)) volumes.push("extra-secrets");
  if (init && sidecar && isOn(annotations, CACHE, false)) volumes.push("vault-agent-cache");
  return volumes;
}

function reportContainer(spec: unknown, container: string, found: Findings): void {
  for (const list of ["initContainers", "containers"]) {
    if (!hasNamed(spec, list, container)) continue;
    found.report(checkIssues["pod.container-taken"], { container }, { path: `/spec/${list}` });
  }
}

/** Most names in agent-inject-containers that are looked up. No node runs a pod with this many containers. */
const MOST_NAMES = 1_000;

/** @returns the names in agent-inject-containers, at most one more than are looked up; `undefined` if it is absent */
function readNames(annotations: Annotations): readonly string[] | undefined {
  return annotations.get(INJECT_CONTAINERS)?.split(",", MOST_NAMES + 1);
}

/** Reports names in agent-inject-containers that match no container; the injector ignores them silently. */
export const checkContainerNames: Rule = (annotations) => {
  const wanted = readNames(annotations);
  if (!wanted) return undefined;
  if (wanted.length <= MOST_NAMES) return ({ pod }, found) => reportContainerNames(pod.spec, wanted, found);
  const facts = { key: INJECT_CONTAINERS, limit: MOST_NAMES };
  return always([checkIssues["pod.inject-containers-too-many"](facts, { annotation: INJECT_CONTAINERS })]);
};

function reportContainerNames(spec: unknown, wanted: readonly string[], found: Findings): void {
  const containers = items(spec, "containers");
  if (containers.length === 0) return;
  const names = new Set(containers.map((container) => textOf(container, "name")));
  const known = listNames(names);
  for (const name of wanted) {
    if (names.has(name)) continue;
    const code = names.has(name.trim()) ? "pod.inject-containers-blank" : "pod.inject-containers-unknown";
    found.report(
      checkIssues[code],
      { key: INJECT_CONTAINERS, name, known },
      { annotation: INJECT_CONTAINERS },
    );
  }
}

/** Most names to list in a message. */
const MOST_LISTED = 10;
/** Longest name of a container (RFC 1123 label). */
const LONGEST_NAME = 63;

function listNames(names: ReadonlySet<string>): string {
  const listed: string[] = [];
  for (const name of names) {
    if (listed.length === MOST_LISTED) return `${listed.join(", ")} and ${names.size - MOST_LISTED} more`;
    listed.push(name.slice(0, LONGEST_NAME));
  }
  return listed.join(", ");
}

/** Reports an unknown container in agent-copy-volume-mounts; the injector ignores it silently. */
export const checkCopiedMounts: Rule = (annotations) => {
  const name = annotations.get(COPY_MOUNTS);
  if (!name) return undefined;
  return ({ pod: { spec } }, found) => {
    if (items(spec, "containers").length === 0) return;
    if (hasNamed(spec, "containers", name) || hasNamed(spec, "initContainers", name)) return;
    found.report(
      checkIssues["pod.copy-mounts-unknown"],
      { key: COPY_MOUNTS, name },
      { annotation: COPY_MOUNTS },
    );
  };
};

/** Reports that the pod's own init containers run before the agent unless agent-init-first is true. */
export const checkInitOrder: Rule = (annotations) =>
  hasInitAgent(annotations) && !isOn(annotations, INIT_FIRST, false) ? checkOwnInit : undefined;

const checkOwnInit: PodCheck = ({ pod }, found) => {
  if (!items(pod.spec, "initContainers").some((container) => field(container, "name") !== undefined)) return;
  const where = { path: "/spec/initContainers", annotation: INIT_FIRST } as const;
  found.report(checkIssues["pod.init-containers-first"], { key: INIT_FIRST }, where);
};

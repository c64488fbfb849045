/**
 * Rules about the pod after injection, for problems that only the finished containers show. They run the injector's model,
 * and only for pods with annotations that need it, because this is slower than all other rules together.
 */
import { type Injection, type InjectorOperation, inject } from "../../injector/inject.ts";
import { LONGEST_VALUE, vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import { hasMoreValues, isObject, type JsonObject } from "../json.ts";
import { type Annotations, field, items, type Rule, textOf } from "./change.ts";

const PATCHES = [vaultKey("agent-init-json-patch"), vaultKey("agent-json-patch")];
const NAMED = [vaultKey("agent-copy-volume-mounts"), vaultKey("agent-service-account-token-volume-name")];
const AUTH_TYPE = vaultKey("auth-type");

const TRIED = [...PATCHES, ...NAMED];

/**
 * Whether an annotation has an effect that only the model shows: JSON patches, copied mounts, folders of single ids, AWS's token.
 *
 * @param folders number of ids that have their own folder
 */
function needsModel(annotations: Annotations, folders: number): boolean {
  if (PATCHES.some((key) => (annotations.get(key) ?? "").length > LONGEST_VALUE)) return false;
  return folders > 0 || annotations.get(AUTH_TYPE) === "aws" || TRIED.some((key) => annotations.get(key));
}

function toRecord(annotations: Annotations): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const { key, value } of annotations.all()) record[key] = value;
  return record;
}

/** Every container mounts every folder. etcd stores objects of up to 1.5 MiB, and a mount takes about 60 bytes. */
const MOST_MOUNTS = 25_000;

/**
 * The model decodes the whole pod, which takes many times the memory of its JSON. No API server stores a pod with this many
 * values, as etcd takes objects of 1.5 MiB.
 */
const MOST_VALUES = 100_000;

/** Runs the injector's model, and validates the result as the API server will. */
export const checkModelled: Rule = (annotations, { flags }) => {
  const folders = annotations.withSuffix("secret-volume-path").size;
  if (!needsModel(annotations, folders)) return undefined;
  return ({ pod, namespace }, found) => {
    const mounts =
      folders * (items(pod.spec, "containers").length + items(pod.spec, "initContainers").length);
    if (mounts > MOST_MOUNTS) {
      found.add(invalid(`the containers would get ${mounts} mounts`, "Keep the secrets in one folder"));
      return;
    }
    if (hasMoreValues(pod, MOST_VALUES)) return;
    const metadata = { ...(isObject(pod.metadata) ? pod.metadata : {}), annotations: toRecord(annotations) };
    const injection = inject({ ...pod, metadata }, namespace || "default", flags);
    report(injection, pod.spec, found);
  };
};

function report(injection: Injection, spec: unknown, found: Findings): void {
  if (injection.kind === "left-alone") return;
  if (injection.kind === "refused") {
    // Other rules report the other reasons for a refusal.
    if (injection.cause !== "json-patch" || !/creating patch/.test(injection.message)) return;
    const key = PATCHES.find((patch) => patch.endsWith(`/${injection.name}`)) ?? "";
    const reason = injection.message.replace(
      /^.*?creating patch for agent: (?:failed to apply JSON patch: )?/,
      "",
    );
    found.report(checkIssues["pod.json-patch"], { key, reason }, { annotation: key });
    return;
  }
  const added = listAdded(injection.patch);
  const volumes = [...items(spec, "volumes"), ...added.volumes].map((volume) => textOf(volume, "name"));
  const known = new Set(volumes);
  for (const name of findTwice(
    added.volumes.map((volume) => textOf(volume, "name")),
    volumes,
  )) {
    // `checkNames` reports the injector's fixed names.
    if (/-custom-\d+$/.test(name))
      found.add(invalid(`the volume name ${name} exists twice`, "Rename the pod's volume"));
  }
  for (const { container, list } of added.containers) {
    for (const what of findInvalid(container, list, known)) {
      const cause = "Correct the annotation or the mount that leads to it";
      found.add(invalid(`${textOf(container, "name")}: ${what}`, cause));
    }
  }
  for (const what of findOwnTwice(spec, injection.patch)) {
    found.add(invalid(what, "Mount the secrets, or the pod's own volume, elsewhere"));
  }
}

function invalid(what: string, cause: string): Issue {
  return checkIssues["pod.injected-invalid"]({ what, cause }, { path: "/spec/containers" });
}

interface Added {
  readonly volumes: readonly unknown[];
  readonly containers: readonly {
    readonly container: JsonObject;
    readonly list: "containers" | "initContainers";
  }[];
}

function listAdded(patch: readonly InjectorOperation[]): Added {
  const valuesOf = (list: string) =>
    patch.flatMap((operation): readonly unknown[] => {
      if (operation.op !== "add" || !operation.path.startsWith(`/spec/${list}`)) return [];
      if (operation.path.includes("/volumeMounts")) return [];
      return Array.isArray(operation.value) ? operation.value : [operation.value];
    });
  const containersOf = (list: "containers" | "initContainers") =>
    valuesOf(list)
      .filter(isObject)
      .filter(isAgent)
      .map((container) => ({ container, list }));
  return {
    volumes: valuesOf("volumes"),
    containers: [...containersOf("initContainers"), ...containersOf("containers")],
  };
}

/** With agent-init-first, the patch adds the pod's own containers again; only the agent's mount its home folder. */
function isAgent(container: JsonObject): boolean {
  return items(container, "volumeMounts").some((mount) => textOf(mount, "mountPath") === "/home/vault");
}

/** @returns reasons for which the API server refuses an added container (Kubernetes `pkg/apis/core/validation`) */
function* findInvalid(
  container: JsonObject,
  list: "containers" | "initContainers",
  volumes: ReadonlySet<string>,
): Generator<string> {
  const mounts = items(container, "volumeMounts");
  const paths = mounts.map((mount) => textOf(mount, "mountPath"));
  for (const path of findTwice(paths, paths)) yield `mount path ${path} must be unique`;
  for (const mount of mounts) {
    const name = textOf(mount, "name");
    if (!volumes.has(name)) yield `no volume has the name ${name} of a mount`;
  }
  if (list === "containers" || container.restartPolicy === "Always") return;
  for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
    if (field(container, name) !== undefined) yield `an init container may not have ${name}`;
  }
}

/** @returns mounts added at a path where a container has one already; `checkMounts` covers the common folder */
function* findOwnTwice(spec: unknown, patch: readonly InjectorOperation[]): Generator<string> {
  // With agent-init-first, the injector replaces the list, and the agent comes before the pod's own init containers.
  const isReplaced = patch.some(({ op, path }) => op === "remove" && path === "/spec/initContainers");
  for (const operation of patch) {
    const [, list = "", index = ""] =
      /^\/spec\/(containers|initContainers)\/(\d+)\/volumeMounts\/-$/.exec(operation.path) ?? [];
    if (operation.op !== "add" || list === "") continue;
    if (!/-custom-\d+$/.test(textOf(operation.value, "name"))) continue;
    const shift = isReplaced && list === "initContainers" ? 1 : 0;
    const container = items(spec, list)[Number(index) - shift];
    const path = textOf(operation.value, "mountPath");
    const isTaken = items(container, "volumeMounts").some((mount) => textOf(mount, "mountPath") === path);
    if (isTaken) yield `${textOf(container, "name")}: mount path ${path} must be unique`;
  }
}

/** @returns those of the names that occur more than once in `all` */
function findTwice(names: readonly string[], all: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const name of all) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Set(names.filter((name) => (counts.get(name) ?? 0) > 1));
}

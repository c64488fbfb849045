/** Rules about single files, which are identified by the ids in annotation keys. */

import { parseGoInt } from "../../injector/go.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import { Findings } from "../issue/findings.ts";
import { VaultKeyPrefix } from "../vault/key.ts";
import {
  type Annotations,
  field,
  type InjectorOptions,
  isOn,
  items,
  type PodCheck,
  type Rule,
  textOf,
} from "./change.ts";

const FILE_ID = "file-";
const RUN_AS_USER = vaultKey("agent-run-as-user");
const RUN_AS_GROUP = vaultKey("agent-run-as-group");
const SAME_USER = vaultKey("agent-run-as-same-user");
const SET_SECURITY_CONTEXT = vaultKey("agent-set-security-context");

const INJECT_TOKEN = vaultKey("agent-inject-token");

/** Checks file modes against the containers that read the files, and ids that the injector misreads. */
export const checkFiles: Rule = (annotations, { settings }) => {
  const fixed = new Findings();
  const modes: FileMode[] = [];
  const canCheckModes = isOn(annotations, SET_SECURITY_CONTEXT, settings.setSecurityContext !== "false");
  if (canCheckModes && isOn(annotations, INJECT_TOKEN, false)) modes.push(TOKEN_MODE);
  if (canCheckModes) {
    for (const { key, value: mode } of annotations.withSuffix("agent-inject-perms").values()) {
      if (/^[0-7]{3,5}$/.test(mode)) modes.push({ key, mode, bits: Number.parseInt(mode, 8) });
    }
  }
  for (const id of annotations.withSuffix("agent-inject-secret").keys()) {
    if (id.startsWith(FILE_ID)) checkFileId(annotations, id, fixed);
  }
  if (fixed.total === 0 && modes.length === 0) return undefined;
  const checkReaders = modes.length === 0 ? undefined : checkModes(annotations, settings, modes);
  return (change, found) => {
    found.merge(fixed);
    checkReaders?.(change, found);
  };
};

/** The injector reads `agent-inject-template-file-x` as template of `file-x` and as template file of `x` (vault-k8s `secrets`). */
function checkFileId(annotations: Annotations, id: string, found: Findings): void {
  const key = VaultKeyPrefix.template + id;
  const template = annotations.get(key);
  // A value that is clearly a template is reported as an invalid path by the vocabulary.
  if (template === undefined || template.trim() === "" || /\{\{|\n/.test(template)) return;
  found.report(checkIssues["pod.template-file-id"], { key, id }, { annotation: key });
}

/** The mode that an annotation gives a file. */
interface FileMode {
  readonly key: string;
  /** The mode as written in the annotation. */
  readonly mode: string;
  readonly bits: number;
}

/** Mode of the token's file, which no annotation can change (Vault `command/agentproxyshared/sink/file`). */
const TOKEN_MODE: FileMode = { key: INJECT_TOKEN, mode: "0640", bits: 0o640 };

interface Identity {
  readonly user: number | undefined;
  readonly group: number | undefined;
}

/**
 * Reports modes that let the agent read its file, but not a container that is known to run as another user. Containers are
 * grouped by the bits that let them read, so that modes are not compared with every single container.
 */
function checkModes(
  annotations: Annotations,
  settings: InjectorOptions["settings"],
  modes: readonly FileMode[],
): PodCheck {
  return ({ pod: { spec } }, found) => {
    const agent = identifyAgent(annotations, settings, spec);
    const readers = sortReaders(spec, agent);
    for (const { key, mode, bits } of modes) {
      for (const [needed, names] of readers) {
        if ((bits & needed) !== 0) continue;
        reportReaders({ key, mode, agent: `${agent.user}:${agent.group}` }, names, found);
      }
    }
  };
}

function reportReaders(
  facts: { readonly key: string; readonly mode: string; readonly agent: string },
  containers: readonly string[],
  found: Findings,
): void {
  const unreadable = checkIssues["pod.file-unreadable"];
  let reported = 0;
  for (; reported < containers.length && found.keeps(unreadable.severity); reported++) {
    const container = containers[reported] ?? "";
    found.report(unreadable, { ...facts, container }, { annotation: facts.key });
  }
  found.addCount(unreadable.severity, containers.length - reported);
}

/** @returns names of containers, grouped by mode bits of which at least one lets them read; without those that can always read */
function sortReaders(spec: unknown, agent: Identity): Map<number, string[]> {
  const context = field(spec, "securityContext");
  const isMember =
    typeof field(context, "fsGroup") === "number" ||
    items(context, "supplementalGroups").includes(agent.group);
  const readers = new Map<number, string[]>();
  for (const container of items(spec, "containers")) {
    const needed = toNeededBits(identify(container, context), agent, isMember);
    if (needed === 0) continue;
    const names = readers.get(needed);
    if (names) names.push(textOf(container, "name"));
    else readers.set(needed, [textOf(container, "name")]);
  }
  return readers;
}

/** @returns mode bits of which at least one lets a task read the file; 0 if it can always read */
function toNeededBits(task: Identity, agent: Identity, isMember: boolean): number {
  // The user may be set by the image, which is unknown here; root can read everything.
  if (task.user === undefined || task.user === 0) return 0;
  if (task.user === agent.user) return 0o400;
  // With fsGroup, the volume's files belong to that group, and every container is a member of it.
  if (isMember || task.group === agent.group) return 0o040;
  return task.group === undefined ? 0o044 : 0o004;
}

function identify(container: unknown, podContext: unknown): Identity {
  const own = field(container, "securityContext");
  return {
    user: toNumber(field(own, "runAsUser") ?? field(podContext, "runAsUser")),
    group: toNumber(field(own, "runAsGroup") ?? field(podContext, "runAsGroup")),
  };
}

/** @returns the agent's user and group; by default 100 and 1000 (vault-k8s `agent.go`) */
function identifyAgent(
  annotations: Annotations,
  { runAsUser, runAsGroup }: InjectorOptions["settings"],
  spec: unknown,
): Identity {
  const [first] = items(spec, "containers");
  const user = isOn(annotations, SAME_USER, false) ? identify(first, undefined).user : undefined;
  return {
    user: user ?? Number(parseGoInt(annotations.get(RUN_AS_USER) ?? runAsUser) ?? 100),
    group: Number(parseGoInt(annotations.get(RUN_AS_GROUP) ?? runAsGroup) ?? 1000),
  };
}

function toNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

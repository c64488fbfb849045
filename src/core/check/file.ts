/** Rules on the files of single secrets, which are found by the ids in annotation keys. */

import { parseGoInt } from "../../injector/go.ts";
import { vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import { VaultKeyPrefix } from "../vault/key.ts";
import { type Annotations, always, field, isOn, items, type PodCheck, type Rule, textOf } from "./change.ts";

const PERMS = vaultKey("agent-inject-perms", "");
const FILE_ID = `${VaultKeyPrefix.secret}file-`;
const RUN_AS_USER = vaultKey("agent-run-as-user");
const RUN_AS_GROUP = vaultKey("agent-run-as-group");
const SAME_USER = vaultKey("agent-run-as-same-user");
const SET_SECURITY_CONTEXT = vaultKey("agent-set-security-context");

/** Checks the annotations of single secrets that need another look than at themselves. */
export const checkFiles: Rule = (annotations) => {
  const checks: PodCheck[] = [];
  for (const [key, value] of annotations) {
    const check = key.startsWith(PERMS)
      ? checkMode(annotations, key, value)
      : key.startsWith(FILE_ID) && checkFileId(annotations, key);
    if (check) checks.push(check);
  }
  if (checks.length === 0) return undefined;
  return (pod, found) => {
    for (const check of checks) check(pod, found);
  };
};

/** `agent-inject-template-file-x` is the template of `file-x` and the template file of `x` (vault-k8s `secrets`). */
function checkFileId(annotations: Annotations, secretKey: string): PodCheck | undefined {
  const id = secretKey.slice(VaultKeyPrefix.secret.length);
  const key = VaultKeyPrefix.template + id;
  const template = annotations.get(key);
  // A value that is plainly a template is reported by the vocabulary.
  if (template === undefined || template.trim() === "" || /\{\{|\n/.test(template)) return undefined;
  return always([checkIssues["pod.template-file-id"]({ key, id }, { annotation: key })]);
}

interface Identity {
  readonly user: number | undefined;
  readonly group: number | undefined;
}

/** A mode that lets the agent read its file, but not a container of which we know that it runs as someone else. */
function checkMode(annotations: Annotations, key: string, mode: string): PodCheck | undefined {
  if (!/^[0-7]{3,5}$/.test(mode) || !isOn(annotations, SET_SECURITY_CONTEXT, true)) return undefined;
  const bits = Number.parseInt(mode, 8);
  return ({ pod: { spec } }, found) => {
    const agent = identifyAgent(annotations, spec);
    const context = field(spec, "securityContext");
    for (const container of items(spec, "containers")) {
      if (canRead(bits, identify(container, context), agent, context)) continue;
      const name = textOf(container, "name");
      const facts = { container: name, key, mode, agent: `${agent.user}:${agent.group}` };
      found.push(checkIssues["pod.file-unreadable"](facts, { annotation: key }));
    }
  };
}

function canRead(mode: number, task: Identity, agent: Identity, context: unknown): boolean {
  // An unknown user is the image's own; root reads everything.
  if (task.user === undefined || task.user === 0) return true;
  if (task.user === agent.user) return (mode & 0o400) !== 0;
  // With fsGroup the volume's files belong to that group, and every container is in it.
  const shares = typeof field(context, "fsGroup") === "number" || task.group === agent.group;
  if (shares || items(context, "supplementalGroups").includes(agent.group)) return (mode & 0o040) !== 0;
  return (mode & (task.group === undefined ? 0o044 : 0o004)) !== 0;
}

function identify(container: unknown, podContext: unknown): Identity {
  const own = field(container, "securityContext");
  return {
    user: toNumber(field(own, "runAsUser") ?? field(podContext, "runAsUser")),
    group: toNumber(field(own, "runAsGroup") ?? field(podContext, "runAsGroup")),
  };
}

/** The agent's user and group; 100 and 1000 unless an annotation says otherwise (vault-k8s `agent.go`). */
function identifyAgent(annotations: Annotations, spec: unknown): Identity {
  const [first] = items(spec, "containers");
  const user = isOn(annotations, SAME_USER, false) ? identify(first, undefined).user : undefined;
  return {
    user: user ?? Number(parseGoInt(annotations.get(RUN_AS_USER) ?? "") ?? 100),
    group: Number(parseGoInt(annotations.get(RUN_AS_GROUP) ?? "") ?? 1000),
  };
}

function toNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

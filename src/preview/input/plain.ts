/** Parses the plain form of a preview, in which secrets are readable fields and not base32. */

import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { nearest } from "../../core/nearest.ts";
import { appendPointer, type JsonPointer } from "../../core/patch/pointer.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { MountRequirement, type SecretRequest } from "../../core/secret/request.ts";
import { SDK_MOUNT, toSdkMount } from "../../core/secret/sdk.ts";
import { toFieldIssue } from "./describe.ts";
import { type PlainPod, readBasePod } from "./plain-pod.ts";

/** The parsed plain form; absent fields are `undefined`. */
export interface PlainForm extends PlainPod {
  /** A candidate configuration, not validated yet. */
  readonly config?: unknown;
}

const NAMES = ["secrets", "namespace", "project", "domain", "serviceAccount", "pod", "config"];

// A secret has Flyte's field names, which are in snake_case.
const SECRET_NAMES = ["group", "key", "group_version", "mount_requirement", "env_var"];
/** The v2 SDK's names, which replace `mount_requirement` and `env_var`. */
const SDK_NAMES = ["as_env_var", "mount"];
/** Variable names that the v2 SDK accepts as `as_env_var`. */
const SDK_VARIABLE = /^[A-Z_][A-Z0-9_]*$/;

/** @returns whether an object without a kind is probably meant as the plain form, even with mistyped keys */
export function resemblesPlainForm(object: JsonObject): boolean {
  return Object.keys(object).some((name) => nearest(name, NAMES) !== undefined);
}

/** The sections of a configuration. */
export const CONFIG_SECTIONS: readonly string[] = [
  ...["version", "webhook", "plugins", "policy", "server", "audit", "injector"],
];

/** @returns whether an object has sections of a configuration and nothing else */
export function resemblesConfig(object: JsonObject): boolean {
  const names = Object.keys(object);
  return names.length > 0 && names.every((name) => CONFIG_SECTIONS.includes(name));
}

/** @returns whether a document has only a candidate configuration, which applies to the other documents */
export function isConfigDocument(document: unknown): document is JsonObject {
  return isObject(document) && Object.hasOwn(document, "config") && Object.keys(document).length === 1;
}

/**
 * Parses the plain form; unknown keys are errors.
 *
 * @param at JSON Pointer of the object, for messages
 * @returns the form, or all problems found
 */
export function parsePlainForm(object: JsonObject, at: JsonPointer): Result<PlainForm> {
  const issues = findUnknownNames(object, NAMES, at);
  const text = (name: string) => readText(object, name, at, issues);
  const pod = object.pod ?? undefined;
  const form: PlainForm = {
    secrets: readSecrets(object, at, issues),
    namespace: text("namespace"),
    project: text("project"),
    domain: text("domain"),
    serviceAccount: text("serviceAccount"),
    pod: pod === undefined ? undefined : readBasePod(pod, appendPointer(at, "pod"), issues),
    config: object.config ?? undefined,
  };
  return isNonEmpty(issues) ? failure(issues) : success(form);
}

function findUnknownNames(object: JsonObject, known: readonly string[], at: JsonPointer): Issue[] {
  return Object.keys(object).flatMap((name) => {
    if (known.includes(name)) return [];
    const guess = nearest(name, known);
    const facts = { path: at, name, known: known.join(", "), ...(guess !== undefined && { nearest: guess }) };
    return [previewIssues["preview.unknown-name"](facts, { path: appendPointer(at, name) })];
  });
}

/** Without a pod, secrets are required; with one, the pod itself may have requests. */
function readSecrets(object: JsonObject, at: JsonPointer, issues: Issue[]): SecretRequest[] {
  const list = object.secrets ?? undefined;
  const path = appendPointer(at, "secrets");
  const optional = list === undefined && isObject(object.pod);
  if (optional) return [];
  if (!Array.isArray(list)) {
    issues.push(toFieldIssue(path, "a list of objects with group and key", list));
    return [];
  }
  return list.flatMap((secret: unknown, index) => {
    const place = appendPointer(path, index);
    if (isObject(secret)) return [readSecret(secret, place, issues)];
    issues.push(toFieldIssue(place, "an object with group and key", secret));
    return [];
  });
}

function readSecret(secret: JsonObject, at: JsonPointer, issues: Issue[]): SecretRequest {
  issues.push(...findUnknownNames(secret, [...SECRET_NAMES, ...SDK_NAMES], at));
  // A missing group or key is not an error here, because the preview should show how the review refuses it.
  const text = (name: string) => readText(secret, name, at, issues) ?? "";
  const names = { group: text("group"), group_version: text("group_version"), key: text("key") };
  if (SDK_NAMES.some((name) => isGiven(secret[name]))) {
    return { ...names, ...readSdkMount(secret, names, at, issues) };
  }
  const mount = readMount(secret.mount_requirement ?? MountRequirement.ANY, at, issues);
  return { ...names, mount_requirement: mount, env_var: text("env_var") };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Refuses what the v2 SDK refuses before it creates a pod, so that a preview shows the mistake. */
function readSdkMount(
  secret: JsonObject,
  names: Pick<SecretRequest, "group" | "key">,
  at: JsonPointer,
  issues: Issue[],
): Pick<SecretRequest, "mount_requirement" | "env_var"> {
  const refuse = (name: string, expected: string) =>
    issues.push(toFieldIssue(appendPointer(at, name), expected, secret[name]));
  const variable = readText(secret, "as_env_var", at, issues);
  const mount = readText(secret, "mount", at, issues);
  if (variable !== undefined && !SDK_VARIABLE.test(variable))
    refuse("as_env_var", "a variable of capital letters, digits and underscores");
  if (mount !== undefined && mount !== SDK_MOUNT) refuse("mount", `"${SDK_MOUNT}", the v2 SDK's only folder`);
  for (const name of ["mount_requirement", "env_var"]) {
    if (isGiven(secret[name])) refuse(name, "no value, because as_env_var or mount is set");
  }
  return toSdkMount(names, variable ?? "", mount !== undefined);
}

function readMount(value: unknown, at: JsonPointer, issues: Issue[]): number {
  const expected = typeof value === "string" ? value.toUpperCase() : value;
  const known = Object.entries(MountRequirement).find(
    ([name, number]) => name === expected || number === expected,
  );
  if (known) return known[1];
  issues.push(
    toFieldIssue(appendPointer(at, "mount_requirement"), "ANY (0), ENV_VAR (1) or FILE (2)", value),
  );
  return MountRequirement.ANY;
}

function readText(object: JsonObject, name: string, at: JsonPointer, issues: Issue[]): string | undefined {
  const value = object[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  issues.push(toFieldIssue(appendPointer(at, name), "a string", value));
  return undefined;
}

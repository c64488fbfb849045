/**
 * Reads `Secret(…)` as people paste it from their tasks: flytekit's (v1) and the v2 SDK's, one or several. A reader of
 * these calls with literal arguments, not of Python.
 */
import { MountRequirement, type SecretRequest } from "../../core/secret/request.ts";
import { toSdkMount } from "../../core/secret/sdk.ts";

/** An argument: a string, a dotted name such as `Secret.MountType.FILE`, or a call with a string such as `Path("…")`. */
type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "name"; readonly name: string };

const NAME = /^[A-Za-z_][\w.]*/;
/** Everything that may appear between two calls: `secrets=[`, commas, blanks. */
const BETWEEN = /^(?:[\s,[\](){}]|secrets\s*=|secret_requests\s*=)+/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/**
 * Reads a text that consists of `Secret(…)` calls.
 *
 * @returns the requests that the SDKs would send, or `undefined` where the text is anything else
 * @example
 * parseSecretCalls('flyte.Secret("api-key", group="team", mount="/etc/flyte/secrets")');
 */
export function parseSecretCalls(text: string): SecretRequest[] | undefined {
  if (text.length > 10_000) return undefined;
  const requests: SecretRequest[] = [];
  const cursor = { rest: text.trim() };
  while (cursor.rest !== "") {
    skip(cursor, BETWEEN);
    if (cursor.rest === "") break;
    const call = readCall(cursor);
    const request = call && toRequest(call);
    if (!request) return undefined;
    requests.push(request);
  }
  return requests.length > 0 ? requests : undefined;
}

interface Cursor {
  rest: string;
}

interface PythonCall {
  readonly callee: string;
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

function readCall(cursor: Cursor): PythonCall | undefined {
  const name = take(cursor, NAME);
  if (name === undefined || !/(?:^|\.)Secret$/.test(name) || take(cursor, /^\s*\(/) === undefined)
    return undefined;
  const positional: Value[] = [];
  const named = new Map<string, Value>();
  while (take(cursor, /^\s*\)/) === undefined) {
    const argument = take(cursor, /^\s*[A-Za-z_]\w*\s*=(?!=)/);
    const value = readValue(cursor);
    if (!value) return undefined;
    if (argument === undefined) positional.push(value);
    else named.set(argument.replace("=", "").trim(), value);
    if (take(cursor, /^\s*,/) === undefined && !/^\s*\)/.test(cursor.rest)) return undefined;
  }
  return { callee: name, positional, named };
}

function readValue(cursor: Cursor): Value | undefined {
  skip(cursor, /^\s+/);
  const text = readText(cursor);
  if (text !== undefined) return { kind: "text", text };
  const name = take(cursor, NAME);
  if (name === undefined) return undefined;
  if (take(cursor, /^\s*\(/) === undefined) return { kind: "name", name };
  skip(cursor, /^\s+/);
  const inner = readText(cursor);
  return inner === undefined || take(cursor, /^\s*\)/) === undefined
    ? undefined
    : { kind: "text", text: inner };
}

/** A string literal in single or double quotes, without prefixes. */
function readText(cursor: Cursor): string | undefined {
  const literal = take(cursor, /^"(?:[^"\\\n]|\\.)*"|^'(?:[^'\\\n]|\\.)*'/);
  return literal?.slice(1, -1).replace(/\\(.)/g, (whole, character: string) => ESCAPES[character] ?? whole);
}

/**
 * v2 (flyte-sdk `_secret.py`): `key, group, mount, as_env_var`; without `mount` it asks for a variable.
 * flytekit (`models/security.py`): `group, key, group_version, mount_requirement, env_var`; its default is ANY.
 */
function toRequest({ callee, positional, named }: PythonCall): SecretRequest | undefined {
  const isV2 =
    callee.startsWith("flyte.") || positional.length > 0 || named.has("as_env_var") || named.has("mount");
  const names = isV2 ? ["key", "group", "mount", "as_env_var"] : [];
  const given = new Map([...positional.map((value, i) => [names[i] ?? "", value] as const), ...named]);
  const text = (name: string) => {
    const value = given.get(name);
    return value?.kind === "text" ? value.text : "";
  };
  if (text("key") === "" && text("group") === "") return undefined;
  const request = { group: text("group"), group_version: text("group_version"), key: text("key") };
  if (isV2) return { ...request, ...toSdkMount(request, text("as_env_var"), given.has("mount")) };
  const mount = given.get("mount_requirement");
  return { ...request, mount_requirement: readMount(mount), env_var: text("env_var") };
}

function readMount(value: Value | undefined): number {
  const name = value?.kind === "name" ? value.name.split(".").at(-1) : value?.text;
  const known = Object.entries(MountRequirement).find(([each]) => each === name);
  return known?.[1] ?? MountRequirement.ANY;
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  const found = pattern.exec(cursor.rest)?.[0];
  if (found !== undefined) cursor.rest = cursor.rest.slice(found.length);
  return found;
}

function skip(cursor: Cursor, pattern: RegExp): void {
  take(cursor, pattern);
}

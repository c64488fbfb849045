/**
 * The template text that the Vault Agent renders for one file.
 *
 * Keys that Go's template language can write as a field keep Flyte's own form, byte for byte
 * (`flytek8s` `vault_secret_manager.go`). Every other key is looked up with a guard: a bare `index` would print
 * `<no value>` for a missing key and silently switch off `error-on-missing-key`.
 *
 * In come a path and a key that validation let through: no control characters, no `{{` or `}}`, no empty, `.` or
 * `..` segments. `test/agent` renders every form with the agent's own engine.
 */

import { isGoIdentifier } from "../../injector/identifier.ts";

/** Engines whose secrets the agent renders through a template of ours; `db` uses the injector's own. */
export type KeyValueEngine = "kv1" | "kv2";

/** A path that the agent takes as it stands; nearly all are. */
const PLAIN_PATH = /^[\w./-]*$/;

/** A query that asks KV 2 for one version. Not after an empty or dot segment: the agent would fold that path. */
const VERSION_QUERY = /(?<!(?:^|\/)\.{0,2})\?version=[0-9]+$/;

/** What the agent trims off both ends (Go's `unicode.IsSpace`). One character is enough to stop it. */
const OUTER_BLANK = /^\p{White_Space}|\p{White_Space}$/gu;

/** Where a key lives within the agent's answer; all fields but `path` are template text. */
interface Lookup {
  readonly path: string;
  readonly key: string;
  readonly data: string;
}

/**
 * Renders the template for one key of one secret.
 *
 * @param engine where the agent finds the keys: kv1 answers under `.Data`, kv2 under `.Data.data`
 * @param path Vault path of the secret
 * @param key key within the secret
 * @returns consul-template text
 *
 * @example
 * ```ts
 * renderTemplate("kv2", "secret/data/db", "password");
 * // {{- with secret "secret/data/db" -}}{{ .Data.data.password }}{{- end -}}
 * ```
 */
export function renderTemplate(engine: KeyValueEngine, path: string, key: string): string {
  const body = renderBody({ path, key, data: dataField(engine) });
  return `{{- with secret ${goString(toAgentPath(engine, path))} -}}${body}{{- end -}}`;
}

/**
 * Flyte's own form, which the agent cannot parse for most keys.
 *
 * @returns the text that Flyte's Go webhook writes for the same secret
 */
export function renderFlyteTemplate(engine: KeyValueEngine, path: string, key: string): string {
  return `{{- with secret "${path}" -}}{{ ${dataField(engine)}.${key} }}{{- end -}}`;
}

/**
 * Writes a Vault path so that the agent asks Vault for exactly that path.
 *
 * The agent reads a path as a URL (`NewVaultReadQuery` in consul-template `dependency/vault_read.go`): it trims blanks
 * at the ends, drops what follows `#`, decodes `%41`, takes `?` for the start of a query and a colon in the first
 * segment for a scheme. Unencoded, `team#a` reads the secret `team`. A path without any of these stays as it is, and
 * so does `?version=3` at the end of a kv2 path, which works with Flyte; KV 1 would ignore it and answer with another
 * secret, so there it is part of the name.
 *
 * @param engine engine behind the path
 * @param path Vault path as requested
 * @returns the argument for the agent's `secret` function, before Go quoting
 */
export function toAgentPath(engine: KeyValueEngine, path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const query = engine === "kv2" ? (VERSION_QUERY.exec(path)?.[0] ?? "") : "";
  const name = path.slice(0, path.length - query.length).replace(/[%#?]/g, encodeURIComponent);
  const slash = name.indexOf("/");
  const mount = slash < 0 ? name : name.slice(0, slash);
  const encoded = mount.replaceAll(":", "%3A") + name.slice(mount.length) + query;
  return encoded.replace(OUTER_BLANK, encodeURIComponent);
}

function dataField(engine: KeyValueEngine): string {
  return engine === "kv1" ? ".Data" : ".Data.data";
}

function renderBody(lookup: Lookup): string {
  const { key, data } = lookup;
  if (isGoIdentifier(key)) return `{{ ${data}.${key} }}`;
  const literal = `{{- if sprig_hasKey ${data} ${goString(key)} -}}{{ ${index(data, [key])} }}`;
  return `${literal}${renderElse(lookup)}{{- end -}}${renderNullGuard(lookup)}`;
}

/** Each step names all steps before it, so that the text grows with the square of their number. */
const MOST_NESTED = 10;

/** What happens when the secret has no key of that very name. */
function renderElse(lookup: Lookup): string {
  const segments = lookup.key.split(".");
  const isNested = segments.length > 1 && segments.length <= MOST_NESTED && segments.every(isGoIdentifier);
  if (isNested) return renderNested(lookup, segments);
  return `{{- else -}}${fail(lookup, "the secret has no such key; add it in Vault, or request a key that it has")}`;
}

/** Flyte's nested value (`.tls.crt`). An `else if` for each step: older agents' `and` evaluates all its arguments. */
function renderNested(lookup: Lookup, segments: readonly string[]): string {
  const { key, data } = lookup;
  const steps = segments.slice(1).map((_, at) => {
    const parent = segments.slice(0, at + 1);
    const why = `the secret has no such key, and ${quote(parent.join("."))} is not a map that could hold it`;
    return `{{- else if not (sprig_kindIs "map" (${index(data, parent)})) -}}${fail(lookup, why)}`;
  });
  const why = `the secret has no such key, and no value nested at ${segments.map(quote).join(" then ")}`;
  const last = `{{- else if sprig_kindIs "invalid" (${index(data, segments)}) -}}${fail(lookup, why)}`;
  return `${steps.join("")}${last}{{- else -}}{{ ${data}.${key} }}`;
}

/** A key that is there but null would be written as `<no value>`. */
function renderNullGuard(lookup: Lookup): string {
  const { key, data } = lookup;
  const isNull = `and (sprig_hasKey ${data} ${goString(key)}) (sprig_kindIs "invalid" (${index(data, [key])}))`;
  return `{{- if ${isNull} -}}${fail(lookup, "its value is null; store a text in Vault")}{{- end -}}`;
}

/** Stops the agent with a sentence in its log. It names the key and the path, never a value. */
function fail({ key, path }: Lookup, why: string): string {
  return `{{ sprig_fail ${goString(`Cannot render key ${quote(key)} of Vault secret ${quote(path)}: ${why}`)} }}`;
}

function index(data: string, keys: readonly string[]): string {
  return `index ${data} ${keys.map(goString).join(" ")}`;
}

function quote(text: string): string {
  return `"${text}"`;
}

/** A Go interpreted string literal (Go specification, "String literals"). */
function goString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

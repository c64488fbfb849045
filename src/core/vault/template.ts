/**
 * The template text that the Vault Agent renders for one file.
 *
 * Keys that Go's template language can write as a field keep Flyte's own form, byte for byte
 * (`flytek8s` `vault_secret_manager.go`). Every other key is looked up with a guard: a bare `index` would print
 * `<no value>` for a missing key and silently switch off `error-on-missing-key`. The agent's whole configuration has to fit
 * into one environment variable (`core/check/agent-config.ts`), so a guarded template names path and key once.
 *
 * In come a path and a key that validation let through: no control characters, no `{{` or `}}`, no empty, `.` or
 * `..` segments. `test/agent` renders every form with the agent's own engine.
 */
import { isGoIdentifier } from "../../injector/identifier.ts";
import { describeSecretEngine, type KeyValueEngine, type SecretEngine } from "./secret-engines.ts";

/** A path that the agent takes as it stands; nearly all are. */
const PLAIN_PATH = /^[\w./-]*$/;

/** A query that asks KV 2 for one version. Not after an empty or dot segment: the agent would fold that path. */
const VERSION_QUERY = /(?<!(?:^|\/)\.{0,2})\?version=[0-9]+$/;

/** What the agent trims off both ends (Go's `unicode.IsSpace`). One character is enough to stop it. */
const OUTER_BLANK = /^\p{White_Space}|\p{White_Space}$/gu;

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
 * const template = renderTemplate("kv2", "secret/data/db", "password");
 * template; // '{{- with secret "secret/data/db" -}}{{ .Data.data.password }}{{- end -}}'
 * ```
 */
export function renderTemplate(engine: KeyValueEngine, path: string, key: string): string {
  const data = dataField(engine);
  const secret = goString(toAgentPath(engine, path));
  if (isGoIdentifier(key)) return `{{- with secret ${secret} -}}{{ ${data}.${key} }}{{- end -}}`;
  const value = isNested(key) ? nestedValue(data) : `{{$v:=index ${data} $k}}`;
  return `{{$p:=${secret}}}{{$k:=${goString(key)}}}{{with secret $p}}${value}${GUARDED_VALUE}{{end}}`;
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
export function toAgentPath(engine: SecretEngine, path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const query = describeSecretEngine(engine).hasVersions ? (VERSION_QUERY.exec(path)?.[0] ?? "") : "";
  const name = path.slice(0, path.length - query.length).replace(/[%#?]/g, encodeURIComponent);
  const slash = name.indexOf("/");
  const mount = slash < 0 ? name : name.slice(0, slash);
  const encoded = mount.replaceAll(":", "%3A") + name.slice(mount.length) + query;
  return encoded.replace(OUTER_BLANK, encodeURIComponent);
}

/**
 * Writes the value `$v` of key `$k` of the secret at `$p`: a text as it is, numbers and booleans likewise, an object or a list as
 * JSON (Go would write `map[a:1]`). A key that is missing or null stops the agent with a sentence in its log, which names key
 * and path and never a value.
 */
const GUARDED_VALUE =
  '{{if sprig_kindIs "string" $v}}{{$v}}' +
  '{{else if sprig_kindIs "invalid" $v}}{{printf "Vault secret %q has no key %q, or it is null" $p $k|sprig_fail}}' +
  "{{else}}{{toUnescapedJSON $v}}{{end}}";

/** A key such as `tls.crt`, which Flyte's own form reads as a value nested in `tls`. */
function isNested(key: string): boolean {
  const segments = key.split(".");
  return segments.length > 1 && segments.every(isGoIdentifier);
}

/** The literal key, or else Flyte's nested value; a step through what is not a map finds nothing. */
function nestedValue(data: string): string {
  const steps = `sprig_hasKey ${data} $k|sprig_ternary (sprig_list $k) (sprig_splitList "." $k)`;
  const step = '{{$v = index (sprig_kindIs "map" $v|sprig_ternary $v sprig_dict) .}}';
  return `{{$v:=${data}}}{{range ${steps}}}${step}{{end}}`;
}

function dataField(engine: KeyValueEngine): string {
  return describeSecretEngine(engine).data ?? "";
}

/** @returns a Go interpreted string literal (Go specification, "String literals"), quotes included. */
export function goString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

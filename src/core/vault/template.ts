/**
 * The template text that the Vault Agent renders for one file.
 *
 * Keys that Go's template language can write as a field keep Flyte's own form, byte for byte
 * (`flytek8s` `vault_secret_manager.go`). Every other key is looked up with a guard: a bare `index` would print
 * `<no value>` for a missing key and silently switch off `error-on-missing-key`. The agent's whole configuration must fit
 * into one environment variable (`core/check/agent-config.ts`), so a guarded template names path and key only once.
 *
 * Path and key have passed validation: no control characters, no `{{` or `}}`, no empty, `.` or `..` segments. `test/agent`
 * renders every form with the agent's own template engine.
 */
import { isGoIdentifier } from "../../injector/identifier.ts";
import { describeSecretEngine, type KeyValueEngine, type SecretEngine } from "./secret-engines.ts";

/** A path that needs no encoding, as nearly all. */
const PLAIN_PATH = /^[\w./-]*$/;

/** A query that selects one version of a KV 2 secret. Not after an empty or dot segment, which the agent would remove. */
const VERSION_QUERY = /(?<!(?:^|\/)\.{0,2})\?version=[0-9]+$/;

/** White space that the agent trims at both ends (Go's `unicode.IsSpace`). Encoding the outermost character stops the trimming. */
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
 * Renders Flyte's own template, which the agent cannot parse unless the key is an identifier.
 *
 * @returns the text that Flyte's webhook writes for the same secret
 */
export function renderFlyteTemplate(engine: KeyValueEngine, path: string, key: string): string {
  return `{{- with secret "${path}" -}}{{ ${dataField(engine)}.${key} }}{{- end -}}`;
}

/**
 * Encodes a Vault path so that the agent asks Vault for exactly that path.
 *
 * The agent reads a path as a URL (`NewVaultReadQuery` in consul-template `dependency/vault_read.go`): it trims blanks
 * at the ends, drops what follows `#`, decodes `%41`, takes `?` for the start of a query and a colon in the first
 * segment for a scheme. Unencoded, `team#a` reads the secret `team`. A path without any of these is not changed, nor is
 * `?version=3` at the end of a kv2 path, which works with Flyte. KV 1 would ignore the query and return another secret, so
 * there it is encoded as part of the name.
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
 * Template text that writes the value `$v` of key `$k` of the secret at `$p`: a string unchanged, anything else as JSON (Go
 * would write `map[a:1]` for an object). If the key is missing or null, the agent fails, and its log names key and path but
 * never a value.
 */
const GUARDED_VALUE =
  '{{if sprig_kindIs "string" $v}}{{$v}}' +
  '{{else if sprig_kindIs "invalid" $v}}{{printf "Vault secret %q has no key %q, or it is null" $p $k|sprig_fail}}' +
  "{{else}}{{toUnescapedJSON $v}}{{end}}";

/** Whether Flyte's own form would read the key as a nested value, such as `tls.crt` as `crt` in `tls`. */
function isNested(key: string): boolean {
  const segments = key.split(".");
  return segments.length > 1 && segments.every(isGoIdentifier);
}

/** Template text that reads the literal key if it exists, else Flyte's nested value; a step into a non-map finds nothing. */
function nestedValue(data: string): string {
  const steps = `sprig_hasKey ${data} $k|sprig_ternary (sprig_list $k) (sprig_splitList "." $k)`;
  const step = '{{$v = index (sprig_kindIs "map" $v|sprig_ternary $v sprig_dict) .}}';
  return `{{$v:=${data}}}{{range ${steps}}}${step}{{end}}`;
}

function dataField(engine: KeyValueEngine): string {
  return describeSecretEngine(engine).data ?? "";
}

/** @returns a Go interpreted string literal with its quotes (Go specification, "String literals") */
export function goString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

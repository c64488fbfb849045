/**
 * Measures the agent's configuration without rendering it. The injector passes it to the agent as base64 of JSON in one
 * environment variable (vault-k8s `agent-inject/agent/container_env.go`). Running the whole model for every pod would be too
 * slow, while this reads each character once. `test/injector` compares the result with the model.
 */
import { type InjectorFlags, toSettings } from "./flags.ts";
import { renderJson } from "./go-json.ts";
import type { IndexedAnnotation, IndexedAnnotations } from "./indexed-annotations.ts";
import { inject } from "./inject.ts";
import { type AnnotationName, VAULT_DOMAIN } from "./vocabulary.ts";

const NO_FLAGS: InjectorFlags = {};
/** Size of `{"destination":"","contents":"","left_delimiter":"{{","right_delimiter":"}}"},` and the slash of the destination. */
const ENTRY = 79;
/** `{{ with secret "" }}{{ range $k, $v := .Data }}{{ $k }}: {{ $v }}\n{{ end }}{{ end }}` in JSON, without the path. */
const GENERIC_MAP = 86;
/** `{{ with secret "" }}{{ .Data | toJSON }}\n{{ end }}` in JSON, without the path. */
const GENERIC_JSON = 53;
const DEFAULT_VOLUME = "/vault/secrets";

/** `"":"",` around a parameter of `auth-config-…` and its value. */
const PARAMETER = 6;

const NAME = "VAULT_CONFIG=\0".length;

const VOLUME = `${VAULT_DOMAIN}secret-volume-path`;
const DEFAULT_TEMPLATE = `${VAULT_DOMAIN}agent-inject-default-template`;
const CONFIGMAP = `${VAULT_DOMAIN}agent-configmap`;

/**
 * Annotations whose values are written into the configuration, besides `agent-inject-secret-…`. The others go into the container,
 * such as JSON patches and resources, or are short, such as switches. Telemetry is left out, because whether one of its
 * parameters is written depends on all of them.
 */
const WRITTEN: ReadonlySet<string> = new Set<AnnotationName>([
  "agent-inject-file",
  "agent-inject-perms",
  "agent-inject-template",
  "agent-inject-template-file",
  "agent-inject-command",
  "agent-template-left-delim",
  "agent-template-right-delim",
  "agent-disable-idle-connections",
  "agent-disable-keep-alives",
  "auth-config",
  "auth-path",
  "auth-type",
  "ca-cert",
  "ca-key",
  "client-cert",
  "client-key",
  "namespace",
  "role",
  "secret-volume-path",
  "service",
  "template-static-secret-render-interval",
  "tls-server-name",
]);

/**
 * Measures the environment string with the agent's configuration.
 *
 * @param annotations final annotations of a pod
 * @param flags the injector's options that differ from the defaults
 * @param most limit above which the exact number does not matter: a longer value counts as one byte per character
 * @returns bytes of `VAULT_CONFIG=…` with its final NUL, within one percent, without telemetry; 0 if a ConfigMap
 *   holds the configuration
 */
export function measureConfig(
  annotations: IndexedAnnotations,
  flags: InjectorFlags = NO_FLAGS,
  most = Number.POSITIVE_INFINITY,
): number {
  if (annotations.get(CONFIGMAP)) return 0;
  const measure = (text: string) => (text.length > most ? text.length : measureJson(text));
  const volume = measure(annotations.get(VOLUME) ?? DEFAULT_VOLUME);
  const shape = annotations.get(DEFAULT_TEMPLATE) ?? toSettings(flags).defaultTemplate;
  const generic = shape.toLowerCase() === "json" ? GENERIC_JSON : GENERIC_MAP;
  const secrets = annotations.withSuffix("agent-inject-secret");
  const templates = annotations.withSuffix("agent-inject-template");
  const files = annotations.withSuffix("agent-inject-file");
  // Without a file annotation, the file is named after the id.
  const toEntry = (id: string) => ENTRY + volume + (files.has(id) ? 0 : id.length);
  let json = measureRest(flags);
  for (const annotation of annotations.all()) {
    const { value, found } = annotation;
    const id = found?.suffix ?? "";
    if (found?.entry.name === "agent-inject-secret") {
      json += toEntry(id) + (templates.has(id) ? 0 : generic + measure(value));
      continue;
    }
    json += measureText(annotation, templates, measure);
    if (found?.entry.name === "agent-inject-template" && !secrets.has(id)) json += toEntry(id);
  }
  return NAME + Math.ceil(json / 3) * 4;
}

const rests = new WeakMap<InjectorFlags, number>();

/** Size of the configuration without a pod's own texts: an address, a method, a sink. The model renders it once for each flags. */
function measureRest(flags: InjectorFlags): number {
  const known = rests.get(flags);
  if (known !== undefined) return known;
  const injection = inject(BARE, "namespace", flags);
  const config = injection.kind === "injected" ? injection.agents.init : undefined;
  const rest = config ? renderJson(config).length - ROLE.length : 0;
  rests.set(flags, rest);
  return rest;
}

const ROLE = "r";
/** The smallest pod that the injector works on. */
const BARE = {
  metadata: { annotations: { [`${VAULT_DOMAIN}agent-inject`]: "true", [`${VAULT_DOMAIN}role`]: ROLE } },
  spec: {
    containers: [
      {
        name: "c",
        volumeMounts: [{ name: "t", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
      },
    ],
  },
};

/** @returns bytes that an annotation other than a secret's path adds */
function measureText(
  { key, value, found }: IndexedAnnotation,
  templates: ReadonlyMap<string, unknown>,
  measure: (text: string) => number,
): number {
  // The folder of all files is counted with each of them.
  if (key === VOLUME || found === undefined) return 0;
  const { name } = found.entry;
  const suffix = found.suffix ?? "";
  // A template in an annotation counts before one in a file.
  if (name === "agent-inject-template-file" && templates.has(suffix)) return 0;
  if (!WRITTEN.has(name)) return 0;
  return measure(value) + (name === "auth-config" ? PARAMETER + suffix.length : 0);
}

/** @returns bytes of a text between the quotes of a JSON string, as Go's encoding/json writes it */
function measureJson(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes += code < 0x80 ? (ASCII_BYTES[code] ?? 1) : measureUnit(code);
  }
  return bytes;
}

/** Bytes of each ASCII character: Go escapes `<`, `>` and `&` as well, with six characters. */
const ASCII_BYTES = new Uint8Array(0x80).fill(1).fill(6, 0, 0x20);
for (const character of "<>&") ASCII_BYTES[character.charCodeAt(0)] = 6;
for (const character of '"\\\n\r\t') ASCII_BYTES[character.charCodeAt(0)] = 2;

function measureUnit(code: number): number {
  if (code === 0x2028 || code === 0x2029) return 6;
  // A surrogate pair takes four bytes, two for each half.
  return code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
}

/** What can be written at a place: names and values of injector annotations, of the plain form, and of the configuration. */

import { INJECT_LABEL, REQUEST_PREFIX } from "../../core/secret/request.ts";
import { SDK_MOUNT } from "../../core/secret/sdk.ts";
import { ENGINE_NAMES, SECRET_ENGINES } from "../../core/vault/secret-engines.ts";
import {
  findAnnotation,
  VAULT_ANNOTATIONS,
  VAULT_DOMAIN,
  type VaultAnnotation,
} from "../../injector/vocabulary.ts";
import type { EditorTab } from "../input/inputs.ts";
import type { CursorContext } from "./context.ts";
import type { Offer } from "./offered.ts";
import { describeSchema, offerFromSchema } from "./schema.ts";

/** The plain form, as `preview/input/plain.ts` reads it. */
const PLAIN: Readonly<Record<string, string>> = {
  secrets: "The secrets that the task asks for: a list of group and key",
  namespace: "Kubernetes namespace of the pod",
  project: "Flyte project, the pod's label project",
  domain: "Flyte domain, the pod's label domain",
  serviceAccount: "Service account that the pod runs as",
  pod: "A Pod to add the secrets to; a bare one where it is absent",
  config: "A candidate configuration to preview under",
};

const SECRET: Readonly<Record<string, string>> = {
  group: "Path of the secret in Vault, such as secret/data/team",
  key: "Key within the secret; for db only the name of the file",
  group_version: `Vault engine: ${ENGINE_NAMES}; if absent, the configuration's kvVersion`,
  mount_requirement: "How the task wants it: a file, a variable, or any of them",
  env_var: "Name of a variable",
  as_env_var: "The v2 SDK's word for a variable",
  mount: "The v2 SDK's word for a file",
};

const VALUES: Readonly<Record<string, readonly string[]>> = {
  group_version: Object.keys(SECRET_ENGINES),
  mount_requirement: ["ANY", "FILE", "ENV_VAR"],
  mount: [SDK_MOUNT],
};

/** @returns what can be written at a place, the most usual first */
export function offer(tab: EditorTab, place: CursorContext): readonly Offer[] {
  const parent = place.path.at(-1);
  if (parent === "annotations") return place.part === "key" ? offerKeys(tab) : offerValues(place.key);
  if (tab === "config") return offerFromSchema(place);
  if (place.part === "value") return (VALUES[place.key] ?? []).map((label) => ({ label }));
  if (parent === "labels")
    return [
      { label: INJECT_LABEL, insert: `${INJECT_LABEL}: "true"`, detail: "sends the pod to the webhook" },
    ];
  if (tab !== "secrets") return [];
  if (place.path.length === 0) return toOffers(PLAIN);
  return place.path[0] === "secrets" ? toOffers(SECRET) : [];
}

/** @returns what a name at a place means, for a pointer that rests on it; `undefined` where it is not known */
export function describe(tab: EditorTab, place: CursorContext, name: string): string | undefined {
  const found = findAnnotation(name);
  if (found) return describeAnnotation(found.entry);
  if (name.startsWith(REQUEST_PREFIX))
    return "A request for a secret, as Flyte writes it: base32 over protobuf's text format";
  if (name === INJECT_LABEL) return "The API server sends pods with this label to the webhook";
  if (tab === "config") return describeSchema([...place.path, name]);
  if (tab === "secrets") return place.path.length === 0 ? PLAIN[name] : SECRET[name];
  return undefined;
}

function offerKeys(tab: EditorTab): Offer[] {
  const keys = VAULT_ANNOTATIONS.map((entry: VaultAnnotation): Offer => {
    const isOpen = entry.suffixed && !entry.suffixOptional;
    const label = VAULT_DOMAIN + entry.name + (isOpen ? "-" : "");
    return { label, insert: isOpen ? label : `${label}: `, info: describeAnnotation(entry) };
  });
  if (tab === "config") return keys;
  return [
    { label: `${REQUEST_PREFIX}0`, insert: `${REQUEST_PREFIX}0: `, detail: "a secret request" },
    ...keys,
  ];
}

function offerValues(key: string): Offer[] {
  const form = findAnnotation(key)?.entry.value;
  if (!form) return [];
  const values = form.allowed ?? (form.type === "bool" ? ["true", "false"] : []);
  // Annotations are text: a bare true would be a boolean, which the API server refuses.
  return values.map((label) => ({ label, ...(form.type === "bool" && { insert: `"${label}"` }) }));
}

function describeAnnotation({ meaning, default: absent, value }: VaultAnnotation): string {
  const allowed = value.allowed ? value.allowed.join(", ") : value.type;
  return `${meaning}. Takes ${allowed}.${absent === null ? "" : ` Without it: ${absent}.`}`;
}

function toOffers(names: Readonly<Record<string, string>>): Offer[] {
  return Object.entries(names).map(([label, info]) => ({ label, insert: `${label}: `, info }));
}

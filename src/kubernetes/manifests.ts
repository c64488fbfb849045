/** Renders the shipped manifests for an installation, in the order in which they must be applied. */
import { renderYaml } from "../core/yaml.ts";
import { fillIn, type Installation } from "./fill.ts";
import { combine, type Part } from "./kustomize.ts";

/** kubectl applies in this order: the namespace before its content, the registration after everything else. */
const FIRST: readonly unknown[] = ["Namespace", "ServiceAccount", "ConfigMap", "Service", "Deployment"];
const LAST = "MutatingWebhookConfiguration";

/** Renders the manifests of an installation; the same input gives the same text. */
export function renderManifests(parts: readonly Part[], installation: Installation): string {
  const manifests = combine(parts).map((manifest) => fillIn(manifest, installation));
  return renderYaml(manifests.toSorted((one, other) => rankOf(one.kind) - rankOf(other.kind)));
}

function rankOf(kind: unknown): number {
  if (kind === LAST) return FIRST.length + 1;
  const rank = FIRST.indexOf(kind);
  return rank < 0 ? FIRST.length : rank;
}

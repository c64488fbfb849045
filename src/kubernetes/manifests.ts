/** From an installation to the text that `kubectl apply -f -` takes: the shipped manifests, filled in, in their order. */
import { renderYaml } from "../core/yaml.ts";
import { fillIn, type Installation } from "./fill.ts";
import { combine, type Part } from "./kustomize.ts";

/** kubectl applies from the first to the last: the namespace before what is in it, the registration after everything. */
const FIRST: readonly unknown[] = ["Namespace", "ServiceAccount", "ConfigMap", "Service", "Deployment"];
const LAST = "MutatingWebhookConfiguration";

/** Renders the manifests of an installation. Equal input gives equal text. */
export function renderManifests(parts: readonly Part[], installation: Installation): string {
  const manifests = combine(parts).map((manifest) => fillIn(manifest, installation));
  return renderYaml(manifests.toSorted((one, other) => rankOf(one.kind) - rankOf(other.kind)));
}

function rankOf(kind: unknown): number {
  if (kind === LAST) return FIRST.length + 1;
  const rank = FIRST.indexOf(kind);
  return rank < 0 ? FIRST.length : rank;
}

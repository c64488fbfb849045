/** Checks the first links of admission: requests, and the injector's annotations for them. */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import { VaultKey } from "../core/vault/key.ts";
import { type Chain, fault, fine, type Link } from "./link.ts";
import { explainUnserved } from "./unserved.ts";

/** Task → annotations `flyte.secrets/s*`. */
export function checkRequests({ facts }: Chain): Link {
  const name = "requests";
  const bad = facts.requests.find(({ reason }) => reason !== undefined);
  // A webhook refuses such a pod. If one has served the pod, the annotation was added later and does not matter.
  if (bad && facts.annotations[VaultKey.inject] === undefined) {
    const { annotation, reason = "" } = bad;
    return fault(name, diagnoseIssues["diagnose.request"]({ annotation, reason }), "task");
  }
  if (facts.requests.length === 0) return { name, verdict: "unknown", detail: "the pod asks for no secrets" };
  const paths = facts.requests.map(({ request }) => `${request?.group}#${request?.key}`);
  return fine(name, `${facts.requests.length} requested: ${paths.slice(0, 5).join(", ")}`);
}

/** Requests → annotations of the injector, by this webhook or by Flyte's. */
export function checkWebhook(chain: Chain): Link {
  const name = "webhook";
  const { facts } = chain;
  const inject = facts.annotations[VaultKey.inject];
  if (inject === undefined && !facts.isStored)
    return {
      name,
      verdict: "unknown",
      detail: "the pod is a manifest, which no webhook has been asked about",
    };
  if (inject === undefined) return explainUnserved(chain);
  if (!/^(?:1|t|T|TRUE|true|True)$/.test(inject)) {
    const about = { key: VaultKey.inject, value: inject };
    return fault(name, diagnoseIssues["diagnose.inject-off"](about), "task");
  }
  const broken = facts.files.map(({ id, template = "" }) => [id, readBrokenKey(template)] as const);
  const [id, key] = broken.find(([, each]) => each !== undefined) ?? [];
  if (id !== undefined && key !== undefined)
    return fault(name, diagnoseIssues["diagnose.flyte-template"]({ id, key }), "platform");
  return fine(name, `${facts.files.length} files declared, role ${facts.role || "(none)"}`);
}

/** @returns the key of a template by Flyte's webhook that is not an identifier, such as `{{ .Data.data.api-key }}` */
function readBrokenKey(template: string): string | undefined {
  const key = /^\{\{- with secret ".*?" -\}\}\{\{ \.Data(?:\.data)?\.(.+?) \}\}\{\{- end -\}\}$/.exec(
    template,
  )?.[1];
  // Keys with dots can be parsed: the agent reads them as nested values.
  const isBroken = key?.split(".").some((part) => !/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(part));
  return isBroken ? key : undefined;
}

/** Checks the links of admission: requests, the injector's annotations for them, and the injector's containers. */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import { INJECT_LABEL } from "../core/secret/request.ts";
import { VaultKey } from "../core/vault/key.ts";
import { type Chain, fault, fine, isAgent, type Link } from "./link.ts";
import { isCalledFor, readRegistrations } from "./registration.ts";

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
  const { facts, registrations, namespaceLabels } = chain;
  const { annotations, namespace } = facts;
  const inject = annotations[VaultKey.inject];
  if (inject === undefined && !facts.isStored)
    return {
      name,
      verdict: "unknown",
      detail: "the pod is a manifest, which no webhook has been asked about",
    };
  if (inject === undefined) {
    if (facts.labels[INJECT_LABEL] !== "true")
      return fault(name, diagnoseIssues["diagnose.label-missing"]({}), "task");
    const writers = registrations && readRegistrations(registrations).filter(({ owner }) => isWriter(owner));
    const isSelected = writers?.some((webhook) => isCalledFor(webhook, facts, namespaceLabels));
    const issue =
      writers && writers.length > 0 && !isSelected ? "diagnose.not-selected" : "diagnose.not-sent";
    return fault(name, diagnoseIssues[issue]({ namespace }), "platform");
  }
  if (!/^(?:1|t|T|TRUE|true|True)$/.test(inject)) {
    const facts = { key: VaultKey.inject, value: inject };
    return fault(name, diagnoseIssues["diagnose.inject-off"](facts), "task");
  }
  const broken = facts.files.map(({ id, template = "" }) => [id, readBrokenKey(template)] as const);
  const [id, key] = broken.find(([, each]) => each !== undefined) ?? [];
  if (id !== undefined && key !== undefined)
    return fault(name, diagnoseIssues["diagnose.flyte-template"]({ id, key }), "platform");
  return fine(name, `${facts.files.length} files declared, role ${facts.role || "(none)"}`);
}

/** Annotations of the injector → the agent's container. */
export function checkInjector({ facts, registrations, namespaceLabels, injectorUntrusted }: Chain): Link {
  const name = "injector";
  const hasAgent = facts.containers.some((container) => isAgent(container.name));
  if (facts.annotations[VaultKey.status] === "injected" && hasAgent)
    return fine(name, "the pod has its agent");
  if (!facts.isStored || facts.annotations[VaultKey.inject] === undefined)
    return { name, verdict: "unknown", detail: "it has not been asked" };
  const silent = fault(name, diagnoseIssues["diagnose.injector-silent"]({}), "platform");
  if (!registrations) return silent;
  const webhooks = readRegistrations(registrations);
  const injector = webhooks.find(({ owner }) => owner === "injector");
  if (!injector) return fault(name, diagnoseIssues["diagnose.injector-missing"]({}), "platform");
  const writer = webhooks.find(
    (webhook) => isWriter(webhook.owner) && isCalledFor(webhook, facts, namespaceLabels),
  );
  const { registration } = injector;
  if (writer && registration < writer.registration && injector.reinvocationPolicy === "Never") {
    const names = { registration, ours: writer.registration };
    return fault(name, diagnoseIssues["diagnose.injector-first"](names), "platform");
  }
  if (injectorUntrusted !== undefined) {
    const about = fault(name, diagnoseIssues["diagnose.injector-certificate"]({ registration }), "platform");
    return { ...about, evidence: injectorUntrusted };
  }
  if (injector.failurePolicy === "Ignore")
    return fault(name, diagnoseIssues["diagnose.injector-ignored"]({ registration }), "platform");
  return silent;
}

function isWriter(owner: string): boolean {
  return owner === "ours" || owner === "flyte";
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

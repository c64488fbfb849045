/** Checks the link from the injector's annotations to its containers, by the model of the injector. */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import { VaultKey } from "../core/vault/key.ts";
import { expectInjected } from "./expected.ts";
import { type Chain, fault, fine, isAgent, type Link } from "./link.ts";
import { isCalledFor, isWriter, isYounger, readRegistrations } from "./registration.ts";

const NAME = "injector";

/** Annotations of the injector → the agent's containers and volumes. */
export function checkInjector(chain: Chain): Link {
  const { facts, pod } = chain;
  const { annotations, namespace, isStored } = facts;
  const isAsked = annotations[VaultKey.inject] !== undefined;
  const hasAgent = facts.containers.some((container) => isAgent(container.name));
  if (!isAsked && !hasAgent) return { name: NAME, verdict: "unknown", detail: "it has not been asked" };
  const expected = expectInjected(pod, namespace);
  const parts = expected.kind === "injected" ? expected.parts.join(", ") : expected.why;
  if (!isStored)
    return { name: NAME, verdict: "unknown", detail: `it has not been asked yet; expected: ${parts}` };
  if (!hasAgent) return { ...explainMissing(chain), expected: parts };
  if (expected.kind === "injected" && expected.missing.length > 0) {
    const missing = expected.missing.join(", ");
    return {
      ...fault(NAME, diagnoseIssues["diagnose.injector-incomplete"]({ missing }), "platform"),
      expected: parts,
    };
  }
  return { ...fine(NAME, "the pod has its agent"), expected: parts };
}

/** @returns why a stored pod has no agent */
function explainMissing({ facts, registrations, namespaceLabels, servers }: Chain): Link {
  if (facts.annotations[VaultKey.status] === "injected")
    return fault(NAME, diagnoseIssues["diagnose.injected-before"]({ key: VaultKey.status }), "task");
  const silent = fault(NAME, diagnoseIssues["diagnose.injector-silent"]({}), "platform");
  if (!registrations) return silent;
  const webhooks = readRegistrations(registrations);
  const injector = webhooks.find(({ owner }) => owner === "injector");
  if (!injector) return fault(NAME, diagnoseIssues["diagnose.injector-missing"]({}), "platform");
  const writer = webhooks.find(
    (webhook) => isWriter(webhook) && isCalledFor(webhook, facts, namespaceLabels),
  );
  const { registration } = injector;
  if (writer && registration < writer.registration && injector.reinvocationPolicy === "Never") {
    const names = { registration, ours: writer.registration };
    return fault(NAME, diagnoseIssues["diagnose.injector-first"](names), "platform");
  }
  if (isYounger(injector, facts))
    return fault(NAME, diagnoseIssues["diagnose.registered-later"]({ registration }), "platform");
  const server = servers?.get(registration);
  if (server?.kind === "untrusted") {
    const about = fault(NAME, diagnoseIssues["diagnose.injector-certificate"]({ registration }), "platform");
    return { ...about, evidence: server.reason };
  }
  if (injector.failurePolicy !== "Ignore") return silent;
  const ignored = fault(NAME, diagnoseIssues["diagnose.injector-ignored"]({ registration }), "platform");
  return server ? { ...ignored, evidence: `it does not answer now: ${server.reason}` } : ignored;
}

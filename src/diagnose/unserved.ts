/** Explains why no webhook has put the injector's annotations on a stored pod. */
import { diagnoseIssues } from "../core/issue/diagnose.ts";
import type { Issue } from "../core/issue/issue.ts";
import { INJECT_LABEL } from "../core/secret/request.ts";
import { readText } from "../preview/input/identify.ts";
import { toList } from "./evidence.ts";
import { type Chain, fault, type Link } from "./link.ts";
import { isCalledFor, isWriter, isYounger, readRegistrations } from "./registration.ts";

const NAME = "webhook";

/** @returns the fault, by the label, the events, and the registrations as they are now */
export function explainUnserved({ facts, events, registrations, namespaceLabels, servers }: Chain): Link {
  const { namespace, labels } = facts;
  if (labels[INJECT_LABEL] !== "true")
    return fault(NAME, diagnoseIssues["diagnose.label-missing"]({}), "task");
  const refused = findRefusal(events ?? []);
  if (refused) return { ...fault(NAME, refused.issue, "platform"), evidence: refused.message };
  if (!registrations) return fault(NAME, diagnoseIssues["diagnose.not-sent"]({ namespace }), "platform");
  const webhooks = readRegistrations(registrations);
  const isSelecting = (webhook: (typeof webhooks)[number]) => isCalledFor(webhook, facts, namespaceLabels);
  const writers = webhooks.filter(isWriter);
  const writer = writers.find(isSelecting);
  if (!writer) {
    const observer = webhooks.find((webhook) => webhook.isObserver && isSelecting(webhook));
    if (observer) return fault(NAME, diagnoseIssues["diagnose.only-observed"](observer), "platform");
    const issue =
      writers.length > 0
        ? diagnoseIssues["diagnose.not-selected"]({ namespace })
        : diagnoseIssues["diagnose.not-registered"]({});
    return fault(NAME, issue, "platform");
  }
  if (isYounger(writer, facts))
    return fault(NAME, diagnoseIssues["diagnose.registered-later"](writer), "platform");
  const server = servers?.get(writer.registration);
  if (writer.failurePolicy === "Ignore") {
    const ignored = fault(NAME, diagnoseIssues["diagnose.webhook-ignored"](writer), "platform");
    return server ? { ...ignored, evidence: `it does not answer now: ${server.reason}` } : ignored;
  }
  return fault(NAME, diagnoseIssues["diagnose.changed-later"](writer), "task");
}

/** The API server's message, which controllers put into events (apiserver `admission/plugin/webhook/errors`). */
const FAILED = /failed calling webhook \\?"([^"\\]+)\\?": (.*)/s;

/** @returns the newest event in which the API server says that it could not call a webhook */
export function findRefusal(
  events: readonly unknown[],
): { readonly issue: Issue; readonly message: string } | undefined {
  const messages = toList(events).map((event) => readText(event, "message"));
  const message = messages.findLast((text) => FAILED.test(text));
  const [, webhook, reason] = FAILED.exec(message ?? "") ?? [];
  if (message === undefined || webhook === undefined || reason === undefined) return undefined;
  const about = { webhook, reason: reason.slice(0, 300) };
  return { issue: diagnoseIssues["diagnose.webhook-failed"](about), message: message.slice(0, 500) };
}

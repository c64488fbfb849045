/** Rules about the agent's resources: the API server refuses a container whose request is above its limit. */

import { parseQuantity } from "../../injector/go.ts";
import { LONGEST_VALUE, vaultKey } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Issue } from "../issue/issue.ts";
import { always, type Rule } from "./change.ts";

/** Pairs of annotations, and the injector's options for their defaults. */
const RESOURCES = [
  {
    request: vaultKey("agent-requests-cpu"),
    limit: vaultKey("agent-limits-cpu"),
    fallbacks: ["requestCpu", "limitCpu"],
  },
  {
    request: vaultKey("agent-requests-mem"),
    limit: vaultKey("agent-limits-mem"),
    fallbacks: ["requestMemory", "limitMemory"],
  },
  {
    request: vaultKey("agent-requests-ephemeral"),
    limit: vaultKey("agent-limits-ephemeral"),
    fallbacks: ["requestEphemeral", "limitEphemeral"],
  },
] as const;

/** Checks every resource request against its limit. */
export const checkResources: Rule = (annotations, { settings }) => {
  const found: Issue[] = [];
  for (const { request, limit, fallbacks } of RESOURCES) {
    const requestValue = annotations.get(request);
    const limitValue = annotations.get(limit);
    if (requestValue === undefined && limitValue === undefined) continue;
    const [defaultRequest, defaultLimit] = [settings[fallbacks[0]], settings[fallbacks[1]]];
    if (!isAbove(requestValue ?? defaultRequest, limitValue ?? defaultLimit)) continue;
    found.push(report({ request, limit, requestValue, limitValue }, defaultRequest, defaultLimit));
  }
  return always(found);
};

function isAbove(request: string, limit: string): boolean {
  if (request.length + limit.length > LONGEST_VALUE) return false;
  const [requested, most] = [parseQuantity(request), parseQuantity(limit)];
  return requested !== undefined && most !== undefined && requested > most;
}

interface Pair {
  readonly request: string;
  readonly limit: string;
  readonly requestValue: string | undefined;
  readonly limitValue: string | undefined;
}

function report(pair: Pair, defaultRequest: string, defaultLimit: string): Issue {
  const { request, limit, requestValue, limitValue } = pair;
  if (requestValue !== undefined && limitValue !== undefined) {
    const facts = { request, limit, requestValue, limitValue };
    return checkIssues["pod.request-above-limit"](facts, { annotation: request });
  }
  const facts =
    requestValue === undefined
      ? { key: limit, value: limitValue ?? "", other: request, fallback: defaultRequest }
      : { key: request, value: requestValue, other: limit, fallback: defaultLimit };
  return checkIssues["pod.request-above-default"](facts, { annotation: facts.key });
}

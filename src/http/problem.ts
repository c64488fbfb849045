/** Responses outside of the admission protocol, as problem details (RFC 9457). */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { toSafeText } from "../core/admission/status.ts";
import type { Issue } from "../core/issue/issue.ts";

/**
 * Responds with an issue.
 *
 * @param status HTTP status of the answer
 * @param headers headers that the status requires, such as `allow`
 * @param issues all issues, if there are several
 */
export function respondProblem(
  c: Context,
  status: ContentfulStatusCode,
  issue: Issue,
  headers: Record<string, string> = {},
  issues: readonly Issue[] = [issue],
): Response {
  return c.body(toBody(status, issue, issues), status, { ...PROBLEM_TYPE, ...headers });
}

/** Like {@link respondProblem}, without Hono. */
export function renderProblem(status: number, issue: Issue, headers: Record<string, string> = {}): Response {
  return new Response(toBody(status, issue, [issue]), { status, headers: { ...PROBLEM_TYPE, ...headers } });
}

const PROBLEM_TYPE = { "content-type": "application/problem+json" };

function toBody(status: number, issue: Issue, issues: readonly Issue[]): string {
  return JSON.stringify(toProblem(status, issue, issues));
}

/** @returns problem details (RFC 9457) with the code of the first issue, and all issues */
export function toProblem(status: number, issue: Issue, issues: readonly Issue[] = [issue]) {
  return {
    type: "about:blank",
    title: toSafeText(issue.message),
    status,
    detail: toSafeText(issue.help),
    code: issue.code,
    issues,
  };
}

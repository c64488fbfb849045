/** `POST /mutate`: an AdmissionReview in, an AdmissionReview out. */
import { parseReview } from "../../core/admission/request.ts";
import { renderResponse } from "../../core/admission/response.ts";
import { toStatus } from "../../core/admission/status.ts";
import { admissionIssues } from "../../core/issue/admission.ts";
import { httpIssues } from "../../core/issue/http.ts";
import type { Outcome } from "../../core/outcome.ts";
import { readText } from "../body.ts";
import { ReviewDeadline } from "../deadline.ts";
import { isTooDeep } from "../depth.ts";
import { noteBodyRead } from "../intake.ts";
import type { Handler, RouteContext } from "../options.ts";
import { respondProblem } from "../problem.ts";

/**
 * Longest body, bytes. The API server accepts objects of up to 3 MiB as JSON (`MaxRequestBodyBytes`); a review may contain
 * the new and the old object, and 1 MiB is left for the rest.
 */
export const BODY_LIMIT = 7 * 1024 * 1024;

const JSON_RESPONSE = { headers: new Headers({ "content-type": "application/json" }) };

/** Creates the handler. A review keeps the engine that it started with. */
export function createMutate({ getEngine, reportDefect, options: { observe } }: RouteContext): Handler {
  return async (c) => {
    const start = observe ? performance.now() : 0;
    const request = c.req.raw;
    const deadline = new ReviewDeadline(request.url);
    const type = request.headers.get("content-type") ?? "";
    if (!isJson(type)) {
      const issue = httpIssues["http.media-type"]({ found: type, expected: "application/json" });
      return respondProblem(c, 415, issue);
    }
    const text = await readText(request, BODY_LIMIT);
    if (text === undefined) {
      return respondProblem(c, 413, httpIssues["http.body-too-large"]({ limit: BODY_LIMIT }));
    }
    noteBodyRead(c.env);
    if (isTooDeep(text)) return respondProblem(c, 400, httpIssues["http.body-too-deep"]({}));
    const body = parseJson(text);
    if (body === undefined) {
      const code = text.trim() === "" ? "http.body-empty" : "http.body-not-json";
      return respondProblem(c, 400, httpIssues[code]({}));
    }
    const review = parseReview(body);
    if ("code" in review) return respondProblem(c, 400, review);
    let outcome: Outcome;
    try {
      const answer = getEngine().review(review.request, deadline);
      outcome = answer instanceof Promise ? await answer : answer;
    } catch (error) {
      reportDefect(error);
      outcome = toDefect();
    }
    const response = new Response(renderResponse(review, outcome, btoa), JSON_RESPONSE);
    if (observe) {
      const traceparent = request.headers.get("traceparent");
      observe({ request: review.request, outcome, start, ms: performance.now() - start, traceparent });
    }
    return response;
  };
}

/** Media types are compared without case and parameters (RFC 9110, section 8.3.1). */
function isJson(type: string): boolean {
  return type === "application/json" || type.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A defect refuses the pod, in the admission protocol and without internal details. */
function toDefect(): Outcome {
  const issues = [admissionIssues["webhook.defect"]({})];
  return {
    allowed: false,
    status: toStatus(issues),
    issues,
    warnings: [],
    patch: "",
    auditAnnotations: {},
    explain: () => ({ requests: [], annotations: [], env: [], plugins: [] }),
  };
}

/** The refusals of each operation in the OpenAPI document: HTTP status and an example issue. */
import { admissionIssues } from "../../core/issue/admission.ts";
import { httpIssues } from "../../core/issue/http.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { MANAGEMENT_INTAKE, PREVIEW_LIMIT, PREVIEW_SECONDS } from "../route/preview.ts";

/** One refusal: its status and its issue. */
export type Refusal = readonly [status: number, issue: Issue];

/** Refusals of every path. */
export function refusalsOfEvery(method: string, path: string, allowed: string): readonly Refusal[] {
  return [
    [400, httpIssues["http.host-malformed"]({})],
    [400, httpIssues["http.request-malformed"]({})],
    [405, httpIssues["http.method"]({ method, path, allowed })],
    [500, httpIssues["http.internal"]({})],
  ];
}

/** Refusals of every path that takes a body. */
export function refusalsOfBodies(limit: number, maxInFlight: number): readonly Refusal[] {
  return [
    [408, httpIssues["http.body-late"]({})],
    [413, httpIssues["http.body-too-large"]({ limit })],
    [503, httpIssues["http.overloaded"]({ limit: maxInFlight })],
    [504, httpIssues["http.overrun"]({})],
  ];
}

/** Refusals of paths that browsers use. */
export const refusalsOfHosts: readonly Refusal[] = [[403, httpIssues["http.host-foreign"]({})]];

/** Refusals of `POST /preview`. */
export const refusalsOfPreviews: readonly Refusal[] = [
  [400, previewIssues["preview.empty"]({})],
  [400, httpIssues["http.preview-overrun"]({ seconds: PREVIEW_SECONDS })],
  [401, httpIssues["http.token"]({})],
  [403, httpIssues["http.candidate-config"]({})],
  ...refusalsOfHosts,
  ...refusalsOfBodies(PREVIEW_LIMIT, MANAGEMENT_INTAKE.maxInFlight),
  [422, httpIssues["http.refused"]({ refused: 1, total: 1 })],
  [503, httpIssues["http.busy"]({})],
  [503, httpIssues["http.preview-memory"]({})],
];

/** Refusals of `POST /mutate` that happen before a review can be answered in the protocol. */
export const refusalsOfReviews: readonly Refusal[] = [
  [400, httpIssues["http.body-empty"]({})],
  [400, httpIssues["http.body-not-json"]({})],
  [400, httpIssues["http.body-too-deep"]({})],
  [400, admissionIssues["review.uid-missing"]({})],
  [415, httpIssues["http.media-type"]({ found: "text/plain", expected: "application/json" })],
];

/** The refusal of paths that do not exist. */
export const refusalOfOthers: Refusal = [404, httpIssues["http.not-found"]({ path: "/other" })];

/** The refusal of `GET /` if the page was not built. */
export const refusalOfPage: Refusal = [404, httpIssues["http.page-missing"]({})];

/** What a review costs on the calling thread's CPU: other threads and processes that keep a machine busy do not count. */

import { parseReview } from "../../src/core/admission/request.ts";
import { renderResponse } from "../../src/core/admission/response.ts";
import type { Engine } from "../../src/core/engine.ts";
import { isObject } from "../../src/core/json.ts";
import { encodeRequest } from "../../src/core/secret/codec.ts";
import { webPorts } from "../../src/host/ports.ts";
import { secret } from "../fixtures/engine.ts";

/** The clock of a thread's CPU ticks in milliseconds, so that short work is repeated. */
const LEAST_MS = 10;
const MOST_CALLS = 2_000;

/** @returns milliseconds of the thread's CPU for one call, after one call to warm up. */
export function measureCost(work: () => unknown, least: number = LEAST_MS): number {
  work();
  const start = now();
  let calls = 0;
  let spent = 0;
  while (spent < least && calls < MOST_CALLS) {
    work();
    calls++;
    spent = now() - start;
  }
  return spent / calls;
}

function now(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/**
 * Creates a function that reviews a pod as `/mutate` does, from parsed JSON to the answer. Each time the pod asks for a
 * secret that no pod has asked for before, so that no plan is known.
 *
 * @param body the review; its pod's annotations are changed
 */
export function createReviewer(engine: Engine, body: unknown): () => string {
  const annotations = findAnnotations(body);
  let calls = 0;
  return () => {
    const fresh = secret({ group: `secret/data/fresh-${calls++}`, key: "k", group_version: "kv2" });
    if (annotations) annotations["flyte.secrets/sfresh"] = encodeRequest(fresh, webPorts.encodeUtf8);
    const review = parseReview(body);
    if ("code" in review) throw new Error(review.message);
    const outcome = engine.review(review.request);
    if (outcome instanceof Promise) throw new Error("An engine without plugins answers at once");
    return renderResponse(review, outcome, btoa);
  };
}

function findAnnotations(body: unknown): Record<string, unknown> | undefined {
  let found: unknown = body;
  for (const name of ["request", "object", "metadata", "annotations"]) {
    found = isObject(found) ? found[name] : undefined;
  }
  return isObject(found) ? (found as Record<string, unknown>) : undefined;
}

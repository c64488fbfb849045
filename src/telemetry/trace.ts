/**
 * Exports traces as OTLP over HTTP in its JSON form (OpenTelemetry protocol 1.x, "OTLP/HTTP"): one span for each review. The
 * official SDK would add about twenty packages for that; this needs only `fetch`, and is imported only if the standard OTEL
 * variables turn it on.
 */

import { Buffer } from "node:buffer";
import type { Env } from "../config/env.ts";
import type { ReviewRecord } from "../http/observe.ts";
import { toAdmissionFields, toResult } from "./admission-line.ts";
import { type ExportSettings, readExportSettings } from "./otel-env.ts";

/** Exports a span for each review that is sampled. */
export interface Tracer {
  readonly record: (review: ReviewRecord) => void;
  /** Exports the remaining spans. */
  readonly close: () => Promise<void>;
}

const BATCH_MS = 5_000;
/** Defaults of the specification's batch processor: a queue of 2,048 spans, sent 512 at a time; more are dropped. */
const LONGEST_QUEUE = 2_048;
const BATCH_SIZE = 512;
const EXPORT_MS = 10_000;
const SERVER_KIND = 2;
const STATUS_ERROR = 2;

/** Fields of the admission line that the span itself expresses. */
const OMITTED: ReadonlySet<string> = new Set(["micros"]);

/**
 * Creates an exporter.
 *
 * @param env the standard variables: endpoint, headers, service name, resource attributes, sampler
 * @param onFailure called with the reason when spans are lost, at most once for each batch
 */
export function createTracer(env: Env, onFailure: (reason: string) => void): Tracer {
  const settings = readExportSettings(env);
  const queue: object[] = [];
  const send = async () => {
    while (queue.length > 0) {
      const reason = await exportSpans(settings, queue.splice(0, BATCH_SIZE));
      if (reason !== undefined) onFailure(reason);
    }
  };
  const timer = setInterval(() => void send(), BATCH_MS);
  timer.unref();
  return {
    record: (review) => {
      const parent = readTraceparent(review.traceparent);
      const traceId = parent?.traceId ?? randomHex(16);
      if (!settings.isSampled(traceId, parent?.sampled) || queue.length >= LONGEST_QUEUE) return;
      queue.push(toSpan(review, traceId, parent?.spanId));
    },
    close: async () => {
      clearInterval(timer);
      await send();
    },
  };
}

/** @returns why the spans were not accepted; `undefined` if they were */
async function exportSpans(settings: ExportSettings, spans: readonly object[]): Promise<string | undefined> {
  const { url, headers, resource } = settings;
  const scopeSpans = [{ scope: { name: "flyte-vault-webhook" }, spans }];
  const body = JSON.stringify({
    resourceSpans: [{ resource: { attributes: toAttributes(resource) }, scopeSpans }],
  });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(EXPORT_MS),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `${url} answered ${response.status}`;
  } catch (error) {
    return `${url}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function toSpan(
  { request, outcome, start, ms }: ReviewRecord,
  traceId: string,
  parentSpanId?: string,
): object {
  const result = toResult(outcome);
  const fields = Object.entries(toAdmissionFields(request, outcome, ms)).filter(
    ([name]) => !OMITTED.has(name),
  );
  const attributes = Object.fromEntries(
    fields.map(([name, value]) => [`flyte_vault_webhook.${name}`, value]),
  );
  const method = { "http.request.method": "POST", "http.route": "/mutate", "http.response.status_code": 200 };
  return {
    traceId,
    spanId: randomHex(8),
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: "POST /mutate",
    kind: SERVER_KIND,
    startTimeUnixNano: toNanos(performance.timeOrigin + start),
    endTimeUnixNano: toNanos(performance.timeOrigin + start + ms),
    attributes: toAttributes({ ...method, ...attributes }),
    ...(result === "error" && { status: { code: STATUS_ERROR } }),
  };
}

/** Milliseconds to nanoseconds as decimal text; a number is not precise enough. */
function toNanos(ms: number): string {
  return `${Math.floor(ms)}${String(Math.floor((ms % 1) * 1e6)).padStart(6, "0")}`;
}

function toAttributes(values: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(values).flatMap(([key, value]): object[] => {
    if (value === undefined) return [];
    if (typeof value === "boolean") return [{ key, value: { boolValue: value } }];
    if (typeof value === "number") return [{ key, value: { intValue: String(Math.round(value)) } }];
    if (!Array.isArray(value)) return [{ key, value: { stringValue: String(value) } }];
    return [{ key, value: { arrayValue: { values: value.map((item) => ({ stringValue: String(item) })) } } }];
  });
}

/** W3C Trace Context, section 3.2; an id of zeros is invalid. */
function readTraceparent(header: string | null) {
  const match = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/.exec(
    header ?? "",
  );
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags ?? "0", 16) & 1) === 1 };
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}

/** Reads OpenTelemetry's standard environment variables for traces (specification, "SDK environment variables"). */
import type { Env } from "../config/env.ts";

/** Where to send spans, with which headers and resource, and which spans. */
export interface ExportSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Attributes of the sender. */
  readonly resource: Readonly<Record<string, string>>;
  /**
   * @param traceId 32 hexadecimal digits
   * @param parent whether the caller's span was sampled; absent without one
   */
  readonly isSampled: (traceId: string, parent: boolean | undefined) => boolean;
}

const DEFAULT_NAME = "flyte-vault-webhook";

/** Reads the variables; malformed parts are ignored, as the specification requires. */
export function readExportSettings(env: Env): ExportSettings {
  const resource = readPairs(env.OTEL_RESOURCE_ATTRIBUTES);
  const name = env.OTEL_SERVICE_NAME ?? resource["service.name"] ?? DEFAULT_NAME;
  return {
    url: readUrl(env),
    headers: readPairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS),
    resource: { ...resource, "service.name": name },
    isSampled: readSampler(env.OTEL_TRACES_SAMPLER, env.OTEL_TRACES_SAMPLER_ARG),
  };
}

/** The endpoint for traces is used unchanged; the common endpoint gets the path `/v1/traces`. */
function readUrl(env: Env): string {
  if (env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  return `${(env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "").replace(/\/+$/, "")}/v1/traces`;
}

/** Reads a list such as `a=1,b=two%20words`. */
function readPairs(text = ""): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    const value = decode(pair.slice(at + 1).trim());
    return at > 0 && value !== undefined ? [[pair.slice(0, at).trim(), value]] : [];
  });
  return Object.fromEntries(pairs);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readSampler(name = "parentbased_always_on", argument = "1"): ExportSettings["isSampled"] {
  const ratio = Number(argument);
  const share = ratio >= 0 && ratio <= 1 ? ratio : 1;
  const byRatio = (traceId: string) => Number.parseInt(traceId.slice(-8), 16) < share * 2 ** 32;
  const root = (traceId: string) => {
    if (name.endsWith("always_off")) return false;
    return name.endsWith("traceidratio") ? byRatio(traceId) : true;
  };
  return (traceId, parent) =>
    name.startsWith("parentbased") && parent !== undefined ? parent : root(traceId);
}

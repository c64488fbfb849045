/** The agent's telemetry. Reads `agent-telemetry-*`. */
import { type Decoded, Decoder, encode } from "./go-codec.ts";
import { bool, type GoStruct, type GoType, list, omit, text } from "./go-struct.ts";
import type { Reader } from "./reader.ts";

const INT: GoType = { kind: "int64", go: "int" };

const TEXTS = [
  ...["usage_gauge_period", "lease_metrics_epsilon", "statsite_address", "statsd_address"],
  ...["circonus_api_token", "circonus_api_app", "circonus_api_url", "circonus_submission_interval"],
  ...["circonus_submission_url", "circonus_check_id", "circonus_check_force_metric_activation"],
  ...["circonus_check_instance_id", "circonus_check_search_tag", "circonus_check_display_name"],
  ...["circonus_check_tags", "circonus_broker_id", "circonus_broker_select_tag", "dogstatsd_addr"],
  ...["prometheus_retention_time", "stackdriver_project_id", "stackdriver_location", "stackdriver_namespace"],
];
const BOOLS = [
  ...["disable_hostname", "enable_hostname_label", "add_lease_metrics_namespace_labels", "filter_default"],
  "stackdriver_debug_logs",
];
const INTS = ["maximum_gauge_cardinality", "num_lease_metrics_buckets"];
const LISTS = ["prefix_filter", "dogstatsd_tags"];

/** Parameters of the stanza and their types (vault-k8s `agent-inject/agent/config.go`, `Telemetry`). */
const TELEMETRY: GoStruct = {
  kind: "struct",
  go: "agent.Telemetry",
  name: "Telemetry",
  fields: Object.fromEntries([
    ...TEXTS.map((name) => [name, omit(text)] as const),
    ...BOOLS.map((name) => [name, omit(bool)] as const),
    ...INTS.map((name) => [name, omit(INT)] as const),
    ...LISTS.map((name) => [name, omit(list(text))] as const),
  ]),
};

/**
 * Renders `telemetry`. As in the injector, one parameter of a wrong type removes all of them, and unknown ones are dropped.
 *
 * @returns the stanza; `undefined` if there is none
 */
export function toTelemetry(reader: Reader): Decoded | undefined {
  const parameters = [...reader.startingWith("agent-telemetry-")];
  if (parameters.length === 0) return undefined;
  const values = parameters.map(([name, value]) => [name.replaceAll("-", "_"), readValue(value)] as const);
  const decoder = new Decoder();
  const decoded = decoder.decode(TELEMETRY, Object.fromEntries(values));
  return decoder.error === undefined ? encode(TELEMETRY, decoded) : undefined;
}

/** Parses a value as JSON; returns the text itself if it is not JSON. */
function readValue(value: string): unknown {
  try {
    const read: unknown = JSON.parse(value);
    return typeof read === "number" && !Number.isFinite(read) ? value : read;
  } catch {
    return value;
  }
}

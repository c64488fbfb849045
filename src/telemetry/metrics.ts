/** The server's metrics. Do not rename them: dashboards and alert rules use the names (docs/operations.md). */
import type { Outcome } from "../core/outcome.ts";
import { toResult } from "./admission-line.ts";
import { createExposition, type Exposition } from "./exposition.ts";
import { Counter, Gauge, Histogram, type Series, type Tally } from "./tally.ts";

const PREFIX = "flyte_vault_webhook";
/** Bucket bounds in seconds, from the duration of a review to the API server's longest timeout. */
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** The result of loading a configuration. */
type ReloadResult = "ok" | "error" | "held";

/** Callbacks that update the metrics, and their rendering. */
export interface Metrics {
  /** Counts a review that was answered in the protocol; `ms` is its duration. */
  readonly countReview: (outcome: Outcome, ms: number) => void;
  /** Counts a request that was refused outside the protocol. */
  readonly countProblem: (status: number) => void;
  /** Notes that a configuration is in use (`ok`), was refused (`error`), or is held back because of its effect on pods (`held`). */
  readonly configReloaded: (result: ReloadResult, hash: string) => void;
  /** Notes that a certificate is in use or was refused; `notAfter` of the one in use, milliseconds since the epoch. */
  readonly certificateReloaded: (ok: boolean, notAfter: number) => void;
  /** Counts an unhandled rejection or exception. */
  readonly countDetached: () => void;
  /** Counts a failed call of a plugin; `code` is the code of its issue. */
  readonly pluginFailed: (plugin: string, code: string) => void;
  /** Notes the mode: `enforce` or `observe`. */
  readonly modeChosen: (mode: string) => void;
  /** Under `observe`: counts a pod that was compared with what Flyte's webhook did. */
  readonly countObserved: (verdict: string) => void;
  readonly render: () => Promise<Exposition>;
}

/** Values that are read when metrics are rendered. */
export interface MetricSources {
  readonly inFlight: () => number;
  /** Longest delay of the event loop since the previous call, milliseconds. */
  readonly takeLoopDelay: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly build: Build;
}

/** The running program. */
export interface Build {
  readonly version: string;
  /** Name and version, such as `bun 1.4.5`. */
  readonly runtime: string;
}

/** Creates the metrics of one server. */
export function createMetrics(sources: MetricSources): Metrics {
  const reviews = createReviewTallies(sources.inFlight);
  const state = createStateTallies(sources);
  return {
    countReview: reviews.count,
    countProblem: (status) => reviews.problems.inc([String(status)]),
    configReloaded: state.configReloaded,
    certificateReloaded: state.certificateReloaded,
    countDetached: () => state.detached.inc(),
    pluginFailed: (plugin, code) => reviews.errors.inc([plugin, code]),
    modeChosen: state.modeChosen,
    countObserved: (verdict) => state.observed.inc([verdict]),
    render: createExposition([...reviews.tallies, ...state.tallies]),
  };
}

function createReviewTallies(inFlight: () => number) {
  const requests = new Counter(
    `${PREFIX}_admission_requests_total`,
    "Reviews answered, by result (patched, unchanged, denied, error) and status code of the answer",
    ["result", "code"],
  );
  const duration = new Histogram(
    `${PREFIX}_admission_duration_seconds`,
    "Time from the arrival of a review to its answer",
    SECONDS,
  );
  const problems = new Counter(
    `${PREFIX}_http_problems_total`,
    "Requests refused before the review, by HTTP status; 503 is the in-flight limit, 408 a body that did not arrive",
    ["status"],
  );
  const secrets = new Counter(`${PREFIX}_secrets_total`, "Secrets of patched pods, by Vault engine", [
    "engine",
  ]);
  const issues = new Counter(`${PREFIX}_issues_total`, "Issues found in pods, by code and severity", [
    "code",
    "severity",
  ]);
  const plugins = new Histogram(
    `${PREFIX}_plugin_duration_seconds`,
    "Time that a plugin took in one review",
    SECONDS,
    "plugin",
  );
  const errors = new Counter(
    `${PREFIX}_plugin_errors_total`,
    "Plugins that failed a review, by code (plugin.failed, plugin.timeout, …)",
    ["plugin", "code"],
  );
  const tallies: readonly Tally[] = [
    ...[requests, duration, problems, secrets, issues, plugins, errors],
    new Gauge(`${PREFIX}_admission_in_flight`, "Requests to /mutate in flight", inFlight),
  ];
  const toLabel = boundPluginCodes();
  // Series are looked up once and kept: counting a review takes microseconds.
  const ofResult = keep((result: string, code: number) => requests.open([result, String(code)]));
  const ofIssue = keep((code: string, severity: string) => issues.open([code, severity]));
  const ofEngine = keep((engine: string, _: "") => secrets.open([engine]));
  const count = (outcome: Outcome, ms: number) => {
    const result = toResult(outcome);
    ofResult(result, outcome.status?.code ?? 200).value++;
    duration.observe(ms / 1_000);
    for (const { code, severity } of outcome.issues) ofIssue(toLabel(code), severity).value++;
    const measured = outcome.measure?.();
    if (!measured) return;
    for (const run of measured.plugins) plugins.observe(run.ms / 1_000, run.name);
    if (result !== "patched") return;
    for (const engine in measured.engines) ofEngine(engine, "").value += measured.engines[engine] ?? 0;
  };
  return { count, problems, errors, tallies };
}

/** @returns the same function with a cache; there are few label values, so the cache stays small */
function keep<First, Second>(open: (first: First, second: Second) => Series) {
  const kept = new Map<First, Map<Second, Series>>();
  return (first: First, second: Second): Series => {
    const found = kept.get(first)?.get(second);
    if (found) return found;
    const series = open(first, second);
    const inner = kept.get(first) ?? new Map<Second, Series>();
    kept.set(first, inner.set(second, series));
    return series;
  };
}

const PLUGIN_CODE = "plugin:";
const MOST_PLUGIN_CODES = 100;

/** Limits the label values: a plugin may put anything into a code, such as a pod's name, and a series is never removed. */
function boundPluginCodes(): (code: string) => string {
  const known = new Set<string>();
  return (code) => {
    if (!code.startsWith(PLUGIN_CODE) || known.has(code)) return code;
    if (known.size >= MOST_PLUGIN_CODES) return `${code.slice(0, code.indexOf("/"))}/other`;
    known.add(code);
    return code;
  };
}

function createStateTallies({ takeLoopDelay, now, build }: MetricSources) {
  const config: { hash: string; result: ReloadResult; at: number } = { hash: "", result: "ok", at: 0 };
  const certificate = { notAfter: 0, ok: true };
  const mode = { name: "enforce" };
  const observed = new Counter(
    `${PREFIX}_observed_pods_total`,
    "Under policy.mode observe: pods compared with what Flyte's webhook did, by verdict (same, better, different, would-refuse, not-served, failed)",
    ["verdict"],
  );
  const reloads = new Counter(
    `${PREFIX}_config_reloads_total`,
    "Configurations loaded, by result (ok, error, held)",
    ["result"],
  );
  const rotations = new Counter(
    `${PREFIX}_certificate_reloads_total`,
    "Certificates loaded, by result (ok, error)",
    ["result"],
  );
  const detached = new Counter(
    `${PREFIX}_detached_failures_total`,
    "Unhandled rejections and exceptions, which the process survived",
  );
  const gauge = (name: string, help: string, read: ConstructorParameters<typeof Gauge>[2]) =>
    new Gauge(`${PREFIX}_${name}`, help, read);
  const tallies: readonly Tally[] = [
    ...[reloads, rotations, detached, observed],
    gauge("mode", "What the server does with its reviews: enforce or observe", () => [
      { labels: { mode: mode.name }, value: 1 },
    ]),
    gauge(
      "config_info",
      "Hash of the configuration in use; equal in all replicas with the same configuration",
      () => (config.hash === "" ? undefined : [{ labels: { hash: config.hash }, value: 1 }]),
    ),
    gauge(
      "config_last_reload_successful",
      "1 if the newest configuration is in use, 0 if it was refused",
      () => Number(config.result === "ok"),
    ),
    gauge(
      "config_reload_held_back",
      "1 while the newest configuration is held back because of its effect on recent or sample pods",
      () => Number(config.result === "held"),
    ),
    gauge("build_info", "Version of the webhook and the runtime that it runs on", () => [
      { labels: { ...build }, value: 1 },
    ]),
    gauge(
      "config_last_reload_success_timestamp_seconds",
      "Time at which a configuration last took effect, seconds since the epoch",
      () => config.at / 1_000,
    ),
    gauge(
      "certificate_expiry_timestamp_seconds",
      "When the certificate that is served expires, seconds since the epoch",
      () => (certificate.notAfter === 0 ? undefined : certificate.notAfter / 1_000),
    ),
    gauge(
      "certificate_last_reload_successful",
      "1 if the newest certificate is served, 0 if it was refused",
      () => Number(certificate.ok),
    ),
    gauge(
      "event_loop_delay_seconds",
      "Longest time since the last scrape in which the event loop was blocked",
      () => takeLoopDelay() / 1_000,
    ),
  ];
  return {
    ...{ tallies, detached, observed },
    modeChosen: (name: string) => {
      mode.name = name;
    },
    configReloaded: (result: ReloadResult, hash: string) => {
      reloads.inc([result]);
      Object.assign(config, result === "ok" ? { result, hash, at: now() } : { result });
    },
    certificateReloaded: (ok: boolean, notAfter: number) => {
      rotations.inc([ok ? "ok" : "error"]);
      Object.assign(certificate, { ok, notAfter });
    },
  };
}

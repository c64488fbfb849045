/** Metrics: what is counted, and that dashboard, rules and documentation name only what is emitted. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createTestEngine, podWith, reviewPod, secret } from "../fixtures/engine.ts";
import {
  findLabels,
  findNames,
  isEmitted,
  queries,
  readEmitted,
  readLabels,
  rules,
} from "../fixtures/monitoring.ts";

const documentation = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

const NOW = Date.parse("2026-01-01T00:00:00Z");
const build = { version: "1.2.3", runtime: "bun 1.4.5" };
const metrics = createMetrics({ inFlight: () => 3, takeLoopDelay: () => 250, now: () => NOW, build });
const engine = await createTestEngine();
const review = (requests: Parameters<typeof podWith>[0]) => reviewPod(engine, podWith(requests));
metrics.countReview(await review([secret({ group: "secret/data/a", key: "k", group_version: "kv2" })]), 2);
metrics.countReview(await review([secret({ group: "secret/a", key: "k", group_version: "kv1" })]), 30);
metrics.countReview(await review([secret({ key: "k" })]), 0.2);
metrics.countReview(await review([]), 0.01);
metrics.countReview({ ...(await review([])), measure: () => ({ engines: {}, plugins: [RUN()] }) }, 0.01);
metrics.countProblem(503);
metrics.configReloaded("ok", "abc");
metrics.configReloaded("held", "def");
metrics.certificateReloaded(true, NOW + 86_400_000);
metrics.pluginFailed("cost-center", "plugin.timeout");
metrics.countDetached();
const { text, contentType } = await metrics.render();

function RUN() {
  return { name: "cost-center", entry: 0, ms: 7, changed: [] };
}

describe("createMetrics", () => {
  test("codes that plugins make are bounded: the first hundred have a series each, the rest one for each plugin", async () => {
    const bounded = createMetrics({ inFlight: () => 0, takeLoopDelay: () => 0, now: () => NOW, build });
    const outcome = await review([]);
    for (let i = 0; i < 1_000; i++) {
      const issue = { code: `plugin:a/pod-${i}`, severity: "info", message: "m", help: "h" } as const;
      bounded.countReview({ ...outcome, issues: [issue] }, 1);
    }
    const series = (await bounded.render()).text.split("\n").filter((line) => line.includes('code="plugin:'));
    expect(series).toHaveLength(101);
    expect(series.at(-1)).toEndWith('issues_total{code="plugin:a/other",severity="info"} 900');
  });

  test.each([
    'admission_requests_total{result="patched",code="200"} 2',
    'admission_requests_total{result="denied",code="400"} 1',
    'admission_requests_total{result="unchanged",code="200"} 2',
    'admission_duration_seconds_bucket{le="0.0025"} 4',
    'admission_duration_seconds_bucket{le="+Inf"} 5',
    "admission_duration_seconds_count 5",
    "admission_in_flight 3",
    'secrets_total{engine="kv2"} 1',
    'secrets_total{engine="kv1"} 1',
    'issues_total{code="secret.group-missing",severity="deny"} 1',
    'plugin_duration_seconds_bucket{plugin="cost-center",le="0.01"} 1',
    'plugin_errors_total{plugin="cost-center",code="plugin.timeout"} 1',
    'http_problems_total{status="503"} 1',
    'config_info{hash="abc"} 1',
    'config_reloads_total{result="held"} 1',
    "config_reload_held_back 1",
    'build_info{version="1.2.3",runtime="bun 1.4.5"} 1',
    "config_last_reload_successful 0",
    `config_last_reload_success_timestamp_seconds ${NOW / 1_000}`,
    `certificate_expiry_timestamp_seconds ${NOW / 1_000 + 86_400}`,
    "certificate_last_reload_successful 1",
    "event_loop_delay_seconds 0.25",
    "detached_failures_total 1",
  ])("%s", (line) => expect(text.split("\n")).toContain(`flyte_vault_webhook_${line}`));

  test("are Prometheus' text format, with the process's own metrics", () => {
    expect(contentType).toStartWith("text/plain; version=0.0.4");
    expect(text).toContain("process_resident_memory_bytes ");
    expect(text).toContain("# TYPE flyte_vault_webhook_admission_duration_seconds histogram");
  });
});

const emitted = readEmitted(text);
const ours = [...emitted.keys()].filter((name) => name.startsWith("flyte_vault_webhook_"));
const isMissing = (name: string) => !isEmitted(name, emitted);

/** Labels that an expression asks for, and that none of its metrics has. */
function findForeignLabels(expr: string): string[] {
  const known = findNames(expr).flatMap((name) => readLabels(name, text));
  return findLabels(expr).filter((label) => !known.includes(label));
}

describe("what is built on them", () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))("alert %s", (name, { expr, annotations }) => {
    const names = findNames(expr);
    expect(names.length).toBeGreaterThan(0);
    expect([names.filter(isMissing), findForeignLabels(expr)]).toEqual([[], []]);
    expect(annotations.runbook_url).toEndWith(`docs/operations.md#${name.toLowerCase()}`);
    expect(documentation).toContain(`### ${name}\n`);
  });

  test("the dashboard asks for nothing else", () => {
    expect(queries.length).toBeGreaterThan(8);
    for (const expr of queries) {
      expect(findNames(expr).length, expr).toBeGreaterThan(0);
      expect([findNames(expr).filter(isMissing), findForeignLabels(expr)], expr).toEqual([[], []]);
    }
  });

  test("every metric of ours is documented, and none that is not emitted", () => {
    expect(ours.filter((name) => !documentation.includes(`\`${name}\``))).toEqual([]);
    expect(findNames(documentation).filter(isMissing)).toEqual([]);
  });
});

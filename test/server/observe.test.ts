/** `policy.mode: observe`: no pod is changed or refused, and each is compared. */
import { describe, expect, test } from "bun:test";
import type { AdmissionRequest } from "../../src/core/admission/request.ts";
import { webPorts } from "../../src/host/ports.ts";
import { logVerdict, observeEngine } from "../../src/server/observe.ts";
import { createTestEngine, settingsOf } from "../fixtures/engine.ts";
import { createStoredPods } from "../migrate/stored.ts";

const request = (object: unknown, operation = "CREATE"): AdmissionRequest => ({
  ...{ uid: "u", operation, namespace: "ns", dryRun: false, object },
});
const CONFIG = { role: "flyte", kvVersion: "2", annotations: {} } as const;
const stored = [...createStoredPods()]
  .filter(({ row }) => JSON.stringify(row.config) === JSON.stringify(CONFIG))
  .slice(0, 250)
  .map(({ pod }) => ({ apiVersion: "v1", kind: "Pod", ...pod }));

async function observe(config: Parameters<typeof settingsOf>[0] = CONFIG) {
  const verdicts: string[] = [];
  const engine = await createTestEngine(settingsOf(config));
  const observed = observeEngine(engine, {
    decodeUtf8: webPorts.decodeUtf8,
    onVerdict: (verdict) => verdicts.push(verdict),
    reportDefect: (error) => verdicts.push(String(error)),
  });
  return { observed, verdicts };
}

describe("observeEngine", () => {
  test("every golden pod behind Flyte's webhook: allowed without patch, warning or audit; verdicts as in a report", async () => {
    const { observed, verdicts } = await observe();
    for (const pod of stored) {
      expect(await observed.review(request(pod))).toMatchObject({
        allowed: true,
        patch: "",
        warnings: [],
        issues: [],
        auditAnnotations: {},
      });
    }
    const kinds = new Set(verdicts);
    expect([...kinds].toSorted()).toEqual(expect.arrayContaining(["better", "same", "would-refuse"]));
    expect(verdicts.filter((verdict) => verdict === "same").length).toBeGreaterThan(100);
  });

  test("another role: different", async () => {
    const { observed, verdicts } = await observe({ ...CONFIG, role: "other" });
    await observed.review(request(stored[0]));
    expect(verdicts).toEqual(["different"]);
  });

  test.each<readonly [string, unknown, string]>([
    ["a pod that asks for nothing", { apiVersion: "v1", kind: "Pod", metadata: {} }, "CREATE"],
    ["what is no object", "text", "CREATE"],
    ["an update", stored[0], "UPDATE"],
  ])("%s: allowed, not counted", async (_, object, operation) => {
    const { observed, verdicts } = await observe();
    const outcome = await observed.review(request(object, operation));
    expect([outcome.allowed, outcome.patch, verdicts]).toEqual([true, "", []]);
  });

  test("an engine that throws refuses nobody", async () => {
    const verdicts: string[] = [];
    const broken = { hash: "", close: async () => {}, review: () => Promise.reject(new Error("broken")) };
    const observed = observeEngine(broken, {
      decodeUtf8: webPorts.decodeUtf8,
      onVerdict: (verdict) => verdicts.push(verdict),
      reportDefect: () => verdicts.push("defect"),
    });
    expect((await observed.review(request(stored[0]))).allowed).toBe(true);
    expect(verdicts).toEqual(["defect", "failed"]);
  });

  test("the log's line has rules and kinds, and no path or value", async () => {
    const lines: unknown[] = [];
    const engine = await createTestEngine(settingsOf({ ...CONFIG, role: "other" }));
    const observed = observeEngine(engine, {
      decodeUtf8: webPorts.decodeUtf8,
      onVerdict: (...args) =>
        logVerdict((level, message, fields) => lines.push({ level, message, ...fields }), ...args),
      reportDefect: () => {},
    });
    for (const pod of stored.slice(0, 30)) await observed.review(request(pod));
    expect(lines[0]).toMatchObject({
      level: "warn",
      message: "observed",
      verdict: "different",
      different: ["role"],
    });
    expect(JSON.stringify(lines)).not.toMatch(/secret\/data|vault\.hashicorp\.com/);
  });
});

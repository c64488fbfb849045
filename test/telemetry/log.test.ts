/** The log: levels, gathered lines, and an admission line that tells nothing it must not. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  renderAdmissionLine,
  toAdmissionFields,
  toLevel,
  toResult,
} from "../../src/telemetry/admission-line.ts";
import { createHead, createLineBuffer, createLog, isUrgent, readLevel } from "../../src/telemetry/log.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";

const engine = await createTestEngine();
const good = secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" });

async function reviewed(object: unknown, dryRun = false) {
  const request = { uid: "u-1", operation: "CREATE", namespace: "ns", dryRun, object };
  return { request, outcome: await engine.review(request) };
}

describe("toAdmissionFields", () => {
  test("names the pod, who asked, what became of it, and the audit fields", async () => {
    const pod = podWith([good]);
    Object.assign(pod.metadata.labels, { "execution-id": "f1" });
    const { request, outcome } = await reviewed({ ...pod, spec: { ...pod.spec, serviceAccountName: "sa" } });
    expect(toAdmissionFields(request, outcome, 0.0316)).toMatchObject({
      ...{ uid: "u-1", namespace: "ns", pod: "f1-n0-0", project: "flytesnacks", domain: "development" },
      ...{ execution: "f1", serviceAccount: "sa", result: "patched", code: 200, micros: 32 },
      ...{ requests: "kv2:secret/data/team#api_key", role: "flyte", config: engine.hash },
    });
  });

  test("never tells an annotation's value, a variable or an image", async () => {
    const pod = podWith([good], {
      "acme.io/password": "CANARY-1",
      "vault.hashicorp.com/agent-inject-template-x": "CANARY-2",
    });
    const containers = [{ name: "main", image: "CANARY-3", env: [{ name: "A", value: "CANARY-4" }] }];
    const { request, outcome } = await reviewed({ ...pod, spec: { containers } });
    expect(JSON.stringify(toAdmissionFields(request, outcome, 1))).not.toContain("CANARY");
  });

  test("stands whatever is no pod, and cuts what is too long", async () => {
    for (const object of [
      null,
      "x",
      [],
      { metadata: 1, spec: [] },
      { metadata: { name: "n".repeat(9_999) } },
    ]) {
      const { request, outcome } = await reviewed(object, true);
      const line = JSON.stringify(toAdmissionFields(request, outcome, 1));
      expect(line).toContain('"dryRun":true');
      expect(line.length).toBeLessThan(600);
    }
  });
});

test.each([
  ["a patched pod", podWith([good]), "patched", "info"],
  ["a pod without requests", podWith([]), "unchanged", "debug"],
  ["a refused pod", podWith([secret({ key: "k" })]), "denied", "warn"],
])("toResult and toLevel of %s", async (_, pod, result, level) => {
  const { outcome } = await reviewed(pod);
  expect([toResult(outcome), toLevel(outcome)]).toEqual([result, level] as never);
});

test("toResult of a failure of ours is an error", async () => {
  const { outcome } = await reviewed(podWith([good]));
  const status = { code: 504, reason: "Timeout", message: "" } as const;
  expect(toResult({ ...outcome, allowed: false, status })).toBe("error");
});

describe("createLog", () => {
  test.each([
    [undefined, ["info", "warn", "error"]],
    ["DEBUG", ["debug", "info", "warn", "error"]],
    ["error", ["error"]],
    ["nonsense", ["info", "warn", "error"]],
  ])("with the level %p writes %j", (wanted, levels) => {
    const lines: string[] = [];
    const level = readLevel({ FLYTE_VAULT_WEBHOOK_LOG_LEVEL: wanted });
    const log = createLog(
      (line) => lines.push(line),
      () => 0,
      level,
    );
    for (const each of ["debug", "info", "warn", "error"] as const) log(each, "m", { a: 1 });
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(levels);
    expect(lines.every((line) => line.endsWith("\n"))).toBe(true);
  });
});

test("createLineBuffer gathers lines, in order, and loses none at the end", async () => {
  const written: string[] = [];
  const buffer = createLineBuffer((text) => written.push(text));
  for (let i = 0; i < 5; i++) buffer.write(`${i}\n`, false);
  expect(written).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  buffer.write("last\n", false);
  buffer.flush();
  buffer.flush();
  expect(written).toEqual(["0\n1\n2\n3\n4\n", "last\n"]);
});

test("createLineBuffer writes an urgent line at once, after what came before it", () => {
  const written: string[] = [];
  const buffer = createLineBuffer((text) => written.push(text));
  buffer.write("info\n", false);
  buffer.write("error\n", true);
  expect(written).toEqual(["info\nerror\n"]);
  expect((["debug", "info", "warn", "error"] as const).map(isUrgent)).toEqual([false, false, true, true]);
});

test.each([0, 7, 999, 1_000, 1_767_225_599_999, 1_767_225_600_000.9])(
  "createHead writes the time %p as Date does",
  (at) => {
    const head = createHead(() => at);
    for (const level of ["info", "warn"] as const) {
      const wanted = { time: new Date(at).toISOString(), level, message: "admission" };
      expect(JSON.parse(`${head(level, "admission")}}`)).toEqual(wanted);
    }
  },
);

describe("renderAdmissionLine", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom('quo"te', "back\\slash", "\u2028", "\u202e", "\n", "\ud800", "é", "", "n".repeat(300)),
    fc.integer(),
  );
  const object = fc.record(
    {
      metadata: fc.record(
        {
          name: text,
          generateName: text,
          labels: fc.record({ project: text, domain: text, "execution-id": text }),
        },
        { requiredKeys: [] },
      ),
      spec: fc.record({ serviceAccountName: text }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  const request = fc.record({
    ...{ uid: fc.string(), namespace: fc.string(), dryRun: fc.boolean(), operation: fc.constant("CREATE") },
    object: fc.oneof(object, fc.constantFrom(null, "x", [], { metadata: 1, spec: [] })),
  });

  test("says what toAdmissionFields says, in its order, on one line", async () => {
    const outcomes = await Promise.all(
      [
        podWith([good]),
        podWith([]),
        podWith([secret({ key: "k" })]),
        podWith([good], { "flyte.secrets/s9": "x" }),
      ].map(async (pod) => (await reviewed(pod)).outcome),
    );
    const known = await reviewed(podWith([good]));
    expect(known.outcome.encoded).toBeDefined();
    const ms = fc.double({ min: 0, max: 30_000, noNaN: true });
    fc.assert(
      fc.property(request, fc.constantFrom(...outcomes, known.outcome), ms, (asked, outcome, took) => {
        const line = renderAdmissionLine('{"time":"t"', asked, outcome, took);
        const wanted = { time: "t", ...toAdmissionFields(asked, outcome, took) };
        expect(line).toBe(`${JSON.stringify(wanted)}\n`);
      }),
      { numRuns: 500 },
    );
  });
});

/** Every golden result of Flyte's code as a stored pod, compared: what docs/differences.md says, and nothing else. */
import { describe, expect, test } from "bun:test";
import type { Engine } from "../../src/core/engine.ts";
import { isObject, type JsonObject } from "../../src/core/json.ts";
import { decodeRequest } from "../../src/core/secret/codec.ts";
import { REQUEST_PREFIX, type SecretRequest } from "../../src/core/secret/request.ts";
import { toEngine } from "../../src/core/vault/transformer.ts";
import { webPorts } from "../../src/host/ports.ts";
import { type Comparison, comparePod } from "../../src/migrate/compare.ts";
import { createTestEngine, reviewPod, settingsOf } from "../fixtures/engine.ts";
import { createStoredPods, type StoredPod } from "./stored.ts";

const engines = new Map<string, Promise<Engine>>();

async function compare({ row, pod }: StoredPod, isKnown = true): Promise<Comparison | undefined> {
  const key = JSON.stringify(row.config);
  const settings = settingsOf(row.config);
  const engine = engines.get(key) ?? createTestEngine(settings);
  engines.set(key, engine);
  const { review } = await engine;
  return comparePod(pod, {
    review: (object) => reviewPod({ review } as Engine, object),
    decodeUtf8: webPorts.decodeUtf8,
    flyte: isKnown ? settings.webhook.vaultSecretManager : undefined,
  });
}

function requestsOf(pod: unknown): SecretRequest[] {
  const metadata = isObject(pod) && isObject(pod.metadata) ? pod.metadata : {};
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(REQUEST_PREFIX))
    .map(([key, value]) => decodeRequest(String(value), key, webPorts.decodeUtf8))
    .flatMap((request) => ("code" in request ? [] : [request]));
}

const CASES = [...createStoredPods()].map((stored) => ({ ...stored, requests: requestsOf(stored.pod) }));
const kvVersion = ({ row }: StoredPod) => (row.config.kvVersion === "1" ? 1 : 2);
const isKeyValue = (c: StoredPod, r: SecretRequest) => toEngine(r.group_version, kvVersion(c)) !== "db";

/** The rules that can show in a stored pod, by what the pod asks for; never by its name. */
const RULES: Readonly<Record<number, (c: (typeof CASES)[number]) => boolean>> = {
  1: (c) => c.requests.some((r) => isKeyValue(c, r) && !/^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(r.key)),
  2: (c) => c.requests.some((r) => isKeyValue(c, r) && /["\\]/.test(r.group)),
  18: (c) => c.requests.some((r) => isKeyValue(c, r) && /[#%?:]|^\s|\s$/u.test(r.group)),
};

describe("comparePod over the golden vectors", () => {
  test("there are a thousand stored pods", () => {
    expect(CASES.length).toBeGreaterThan(1_000);
  });

  test("what a rule of docs/differences.md selects is better by that rule, refused by a rule, or has a second cause", async () => {
    for (const [rule, selects] of Object.entries(RULES)) {
      const selected = CASES.filter(selects);
      expect(selected.length).toBeGreaterThan(10);
      for (const c of selected) {
        const { verdict, differences = [] } = (await compare(c)) ?? {};
        if (verdict === "would-refuse") continue;
        expect([c.row.name, differences.map((difference) => difference.rule)]).toEqual([
          c.row.name,
          expect.arrayContaining([Number(rule)]),
        ]);
      }
    }
  });

  test("no pod differs without a number, and none that no rule selects differs at all", async () => {
    const seen: Record<string, number> = {};
    for (const c of CASES) {
      const compared = await compare(c);
      if (c.requests.length === 0) continue;
      const { verdict = "nothing", differences = [], refusals = [] } = compared ?? {};
      seen[verdict] = (seen[verdict] ?? 0) + 1;
      expect([c.row.name, differences.filter(({ rule }) => rule === undefined)]).toEqual([c.row.name, []]);
      const isSelected = Object.values(RULES).some((selects) => selects(c));
      const isRepeated = differences.some(({ rule }) => rule === 5 || rule === 6 || rule === 10);
      if (verdict === "better") expect([c.row.name, isSelected || isRepeated]).toEqual([c.row.name, true]);
      if (verdict === "would-refuse") expect(refusals.length).toBeGreaterThan(0);
    }
    expect(seen).toEqual({
      same: expect.any(Number),
      better: expect.any(Number),
      "would-refuse": expect.any(Number),
    });
    expect(seen.same).toBeGreaterThan(400);
  });
});

const VAULT = "vault.hashicorp.com/";

describe("comparePod with another configuration", () => {
  const [served] = CASES.filter(
    ({ row, requests }) => row.config.role !== "" && requests.length > 0 && row.changed,
  );
  const stored = served?.pod as JsonObject;
  const annotationsOf = (pod: JsonObject) => Object(pod.metadata).annotations as Record<string, string>;

  async function against(
    change: Record<string, string>,
    config: { role?: string; annotations?: Record<string, string> },
  ) {
    const pod = {
      ...stored,
      metadata: { ...Object(stored.metadata), annotations: { ...annotationsOf(stored), ...change } },
    };
    const base = {
      role: served?.row.config.role ?? "",
      kvVersion: served?.row.config.kvVersion ?? "2",
      annotations: {},
    };
    const engine = await createTestEngine(settingsOf({ ...base, ...config }));
    return comparePod(pod, {
      review: (object) => reviewPod(engine, object),
      decodeUtf8: webPorts.decodeUtf8,
    });
  }

  test.each([
    ["another role", {}, { role: "other" }, "role"],
    ["a Vault namespace that we do not set", { [`${VAULT}namespace`]: "team-a" }, {}, "namespace"],
    ["a Vault namespace that only we set", {}, { annotations: { [`${VAULT}namespace`]: "b" } }, "namespace"],
    ["another folder", { [`${VAULT}secret-volume-path`]: "/x" }, {}, "path"],
    ["an annotation that we do not set", { [`${VAULT}agent-limits-mem`]: "1Gi" }, {}, "annotation"],
  ] as const)("%s: different", async (_, change, config, kind) => {
    const compared = await against(change, config);
    expect(compared?.verdict).toBe("different");
    expect(compared?.differences.filter(({ rule }) => rule === undefined).map((d) => d.kind)).toEqual([kind]);
  });

  test("a configuration that moves the secrets: the variable follows, which is better by rule 19", async () => {
    const moved = { [`${VAULT}secret-volume-path`]: "/moved" };
    const compared = await against(moved, { annotations: moved });
    expect([compared?.verdict, new Set(compared?.differences.map(({ rule }) => rule))]).toEqual([
      "better",
      new Set([19]),
    ]);
  });

  test("the same configuration: same", async () => {
    expect((await against({}, {}))?.verdict).toBe("same");
  });
});

/** Recent pods: which are kept, in what memory, and what of them. */
import { describe, expect, test } from "bun:test";
import type { AdmissionRequest } from "../../src/core/admission/request.ts";
import { comparePods } from "../../src/host/compare.ts";
import { createRecentPods } from "../../src/host/recent.ts";
import { createTestEngine, DEFAULT_SETTINGS, podWith, secret } from "../fixtures/engine.ts";

const request = (object: unknown, namespace = "ns"): AdmissionRequest => ({
  ...{ uid: "u", operation: "CREATE", dryRun: false, namespace, object },
});
const podOf = (group: string, annotations = {}) =>
  podWith([secret({ group, key: "k", group_version: "kv2" })], annotations);
const groups = (list: readonly AdmissionRequest[]) => list.map(({ namespace }) => namespace);

describe("createRecentPods", () => {
  test("keeps the last distinct ones, the latest first", () => {
    const recent = createRecentPods(3);
    for (const name of ["a", "b", "a", "c", "d", "a"]) recent.record(request(podOf("secret/data/x"), name));
    expect(groups(recent.list())).toEqual(["a", "d", "c"]);
    recent.limit(1);
    expect(groups(recent.list())).toEqual(["a"]);
    recent.limit(0);
    recent.record(request(podOf("secret/data/x")));
    expect(recent.list()).toEqual([]);
  });

  test.each([
    ["the namespace", podOf("secret/data/a"), podOf("secret/data/a"), "other", 2],
    ["the requests", podOf("secret/data/a"), podOf("secret/data/b"), "ns", 2],
    ["annotation keys", podOf("secret/data/a"), podOf("secret/data/a", { x: "1" }), "ns", 2],
    ["annotation values", podOf("secret/data/a", { x: "2" }), podOf("secret/data/a", { x: "1" }), "ns", 1],
    ["names", podOf("secret/data/a"), { ...podOf("secret/data/a"), kind: "Pod" }, "ns", 1],
  ])("tells pods apart by %s or not", (_, one, two, namespace, count) => {
    const recent = createRecentPods(32);
    recent.record(request(one));
    recent.record(request(two, namespace));
    expect(recent.list()).toHaveLength(count);
  });

  test("nothing but pods with requests is kept, whatever the object", () => {
    const recent = createRecentPods(32);
    for (const object of [
      null,
      1,
      [],
      {},
      { metadata: 1 },
      { metadata: { annotations: { a: "b" } } },
      podWith([]),
    ])
      recent.record(request(object));
    expect(recent.list()).toEqual([]);
    recent.record(request({ metadata: { annotations: { "flyte.secrets/s0": 7 }, labels: 1 }, spec: [] }));
    expect(recent.list()).toHaveLength(1);
  });

  test("values of variables are blanked, and kubectl's copy of them goes; ours and references stay", () => {
    const env = [
      { name: "PASSWORD", value: "hunter2" },
      { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
      { name: "REF", valueFrom: { secretKeyRef: { name: "n", key: "k" } } },
    ];
    const pod = podOf("secret/data/a", {
      "kubectl.kubernetes.io/last-applied-configuration": '{"env":"hunter2"}',
    });
    const container = { name: "c", image: "i", env };
    const spec = { containers: [container], initContainers: [container], ephemeralContainers: [container] };
    const recent = createRecentPods(32);
    recent.record(request({ ...pod, spec }));
    const text = JSON.stringify(recent.list());
    expect(text).not.toContain("hunter2");
    expect(text.split("/etc/flyte/secrets")).toHaveLength(4);
    expect(text.split("secretKeyRef")).toHaveLength(4);
    // The pod that was served is left as it was.
    expect(JSON.stringify(pod)).toContain("hunter2");
  });

  test("looks at no more than 1,024 reviews a second, however many there are", () => {
    let now = 0;
    const recent = createRecentPods(4, () => now);
    const known = request({ metadata: { annotations: { "flyte.secrets/s0": "known" } } });
    const late = request({ metadata: { annotations: { "flyte.secrets/s0": "late" } } });
    for (let i = 0; i < 1_024; i++) recent.record(known);
    recent.record(late);
    expect(recent.list()).toHaveLength(1);
    now += 1_001;
    recent.record(late);
    expect(recent.list()).toHaveLength(2);
  });

  test("takes at most 8 MiB, and at most 64 new ones in a second", () => {
    let now = 0;
    const recent = createRecentPods(256, () => now);
    for (let i = 0; i < 2_000; i++) {
      if (i % 64 === 0) now += 1_001;
      recent.record(
        request({ ...podOf("secret/data/a"), status: "x".repeat(i % 2 === 0 ? 14_000 : 200_000) }, `ns-${i}`),
      );
    }
    const length = JSON.stringify(recent.list()).length;
    expect(length).toBeGreaterThan(1024 * 1024);
    expect(length * 2).toBeLessThan(8 * 1024 * 1024);
    const burst = createRecentPods(256, () => 0);
    for (let i = 0; i < 200; i++) burst.record(request(podOf("secret/data/a"), `ns-${i}`));
    expect(burst.list()).toHaveLength(64);
  });
});

describe("comparePods", () => {
  const withRole = (role: string, more = {}) =>
    createTestEngine({
      ...DEFAULT_SETTINGS,
      ...more,
      webhook: { vaultSecretManager: { role, kvVersion: 2, annotations: {} } },
    });
  const pods = ["a", "b"].map((name) => request(podOf(`secret/data/${name}`), name));

  test("finds nothing between equal engines, also with random ids", async () => {
    const random = { policy: { ...DEFAULT_SETTINGS.policy, ids: "random" as const } };
    for (const more of [{}, random]) {
      const options = { ms: 5_000, paths: "full" } as const;
      const compared = await comparePods(await withRole("x", more), await withRole("x", more), pods, options);
      expect(compared).toMatchObject({
        reviewed: 2,
        changed: 0,
        changes: [],
        namespaces: [],
        newlyRefused: 0,
      });
    }
  });

  test.each([
    ["full", '"secret/data/a" → (none)'],
    ["hash", /[0-9a-f]{12} → \(none\)/],
    ["none", "(a path) → (none)"],
  ] as const)("shows paths as audit.paths %s says", async (paths, expected) => {
    const before = await withRole("x");
    const after = await withRole("y");
    const dropped: typeof after = {
      ...after,
      review: (given, options) => after.review({ ...given, object: podOf("secret/data/z") }, options),
    };
    const { changes } = await comparePods(before, dropped, pods.slice(0, 1), { ms: 5_000, paths });
    const text = changes.join("\n");
    expect(text).toContain('1 of 1 recent pods: vault.hashicorp.com/role "x" → "y"');
    expect(text.includes("secret/data/a")).toBe(paths === "full");
    if (typeof expected !== "string") expect(text).not.toContain("secret/data/z");
  });

  test("ends in time beside an engine that does not answer", async () => {
    const before = await withRole("x");
    const stuck: typeof before = { ...before, review: () => new Promise(() => {}) };
    const began = performance.now();
    const compared = await comparePods(before, stuck, pods, { ms: 200, paths: "full" });
    expect(compared.reviewed).toBe(0);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

/** Pods share plans through caches. Whatever else an engine has seen, a pod gets what it would get for itself alone. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Engine } from "../../src/core/engine.ts";
import type { PluginInstance } from "../../src/core/plugin/instance.ts";
import { success } from "../../src/core/result.ts";
import type { Settings } from "../../src/core/settings.ts";
import { createEngine } from "../../src/host/engine.ts";
import { applyOutcome, DEFAULT_SETTINGS, podWith, reviewPod, secret } from "../fixtures/engine.ts";

const VAULT = "vault.hashicorp.com/";
/** Known to configurations, plugins and pods alike, so that their lines meet. */
const FOREIGN = ["acme.io/team", "acme.io/cost"];
const KEYS = [
  ...FOREIGN,
  `${VAULT}role`,
  `${VAULT}namespace`,
  `${VAULT}agent-limits-cpu`,
  `${VAULT}agent-inject-secret-x`,
  `${VAULT}agent-inject-file-x`,
];
const anyKey = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...FOREIGN) }, fc.constantFrom(...KEYS));
const anyValue = fc.constantFrom("", "2", "secret/data/team", "secret/data/team/k");
const anyAnnotations = fc.dictionary(anyKey, anyValue, { maxKeys: 3 });

/** What a plugin sets, by the namespace of the pod; `null` removes. */
const anyPlugin = fc.record({
  always: fc.dictionary(anyKey, fc.option(anyValue), { maxKeys: 2 }),
  sometimes: fc.dictionary(anyKey, fc.option(anyValue), { maxKeys: 2 }),
  drops: fc.boolean(),
});
type TestPod = typeof anyPod extends fc.Arbitrary<infer Pod> ? Pod : never;

type Behaviour = Readonly<{
  always: Readonly<Record<string, string | null>>;
  sometimes: Readonly<Record<string, string | null>>;
  drops: boolean;
}>;

const anySettings = fc.record({
  annotations: anyAnnotations,
  kvVersion: fc.constantFrom(1 as const, 2 as const),
  role: fc.constantFrom("", "flyte"),
  profile: fc.constantFrom("flyte" as const, "flyte" as const, "hardened" as const),
  fileNames: fc.constantFrom("flyte" as const, "flytekit" as const),
  locked: fc.constantFrom([], [], [`${VAULT}role`], ["acme.io/*"]),
  strict: fc.boolean(),
});

const anyRequest = fc
  .record({
    group: fc.constantFrom("secret/data/team", "Secret/B", "c", "bad//group"),
    key: fc.constantFrom("k", "api-key"),
    group_version: fc.constantFrom("", "kv1", "db"),
  })
  .map(secret);

const anyPod = fc
  .record({
    requests: fc.array(anyRequest, { minLength: 1, maxLength: 2 }),
    own: anyAnnotations,
    label: fc.constantFrom("on", "off"),
    env: fc.array(fc.record({ name: fc.constantFrom("A", "FLYTE_SECRETS_DEFAULT_DIR") }), { maxLength: 2 }),
  })
  .map(({ requests, own, label, env }) => {
    const pod = podWith(requests, own);
    return {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, label } },
      spec: { containers: [{ name: "main", env }] },
    };
  });

function toInstance(name: string, { always, sometimes, drops }: Behaviour): PluginInstance {
  return {
    name,
    writes: KEYS,
    annotations: ({ labels }) => (labels.label === "on" ? { ...always, ...sometimes } : always),
    requests: ({ requests, labels }) =>
      drops && labels.label === "on" ? { [Object.keys(requests)[0] ?? ""]: { key: "changed" } } : {},
  };
}

async function create(given: Settings, plugins: readonly Behaviour[]): Promise<Engine> {
  const entry = { with: {}, when: {}, allow: ["*"], onError: "deny", timeout: 1_000 } as const;
  const settings = { ...given, plugins: plugins.map((_, i) => ({ ...entry, use: `p${i}` })) };
  const created = await createEngine(settings, {
    resolvePlugin: async ({ use }, index) => success(toInstance(use, plugins[index] as Behaviour)),
    clock: () => 0,
  });
  if (!created.ok) throw new Error(created.issues[0].message);
  return created.value;
}

/** Reads an outcome. The patch has to give what is explained, and leave what the pod carries. */
async function read(engine: Engine, pod: TestPod) {
  const outcome = await reviewPod(engine, pod);
  const { allowed, status, issues, warnings, patch, auditAnnotations, encoded } = outcome;
  const [explained, measured] = [outcome.explain(), outcome.measure?.()];
  if (allowed) {
    const { annotations } = applyOutcome(pod, outcome).metadata;
    expect(annotations).toEqual(
      Object.fromEntries(explained.annotations.map(({ key, value }) => [key, value])),
    );
    expect(annotations).toMatchObject(pod.metadata.annotations);
  }
  return [allowed, status, issues, warnings, patch, auditAnnotations, encoded, explained, measured];
}

test("a pod gets the same alone and beside others, however often they come", async () => {
  await fc.assert(
    fc.asyncProperty(
      anySettings,
      fc.array(anyPlugin, { maxLength: 2 }),
      fc.array(anyPod, { minLength: 1, maxLength: 4 }),
      async ({ annotations, kvVersion, role, ...policy }, plugins, given) => {
        const settings = {
          ...DEFAULT_SETTINGS,
          webhook: { vaultSecretManager: { annotations, kvVersion, role } },
          policy: { ...DEFAULT_SETTINGS.policy, ...policy },
        };
        // Each comes once more without annotations of its own, and with those of each other pod, so that they share their requests.
        const pods = given.flatMap((pod) => [
          ...[pod, withoutOwn(pod)],
          ...given.filter((other) => other !== pod).map((other) => withOwnOf(pod, other)),
        ]);
        const shared = await create(settings, plugins);
        const alone = [];
        for (const pod of pods) alone.push(await read(await create(settings, plugins), pod));
        for (let pass = 0; pass < 4; pass++) {
          for (const [i, pod] of pods.entries()) expect(await read(shared, pod)).toEqual(alone[i] as never);
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

function withoutOwn(pod: TestPod): TestPod {
  return withAnnotations(pod, listAnnotations(pod, true));
}

function withOwnOf(pod: TestPod, other: TestPod): TestPod {
  return withAnnotations(pod, [...listAnnotations(pod, true), ...listAnnotations(other, false)]);
}

function listAnnotations(pod: TestPod, areRequests: boolean) {
  return Object.entries(pod.metadata.annotations).filter(([key]) => key.startsWith("flyte.") === areRequests);
}

function withAnnotations(pod: TestPod, annotations: readonly (readonly [string, string])[]): TestPod {
  return { ...pod, metadata: { ...pod.metadata, annotations: Object.fromEntries(annotations) } };
}

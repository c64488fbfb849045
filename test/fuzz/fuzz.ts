/**
 * `npm run test:fuzz -- [seconds] [seed]`: random configurations, requests and pods, for a limited time. Prints the seed;
 * a failure prints the smallest pod that fast-check finds for it. Needs the agent's template engine (see `test/agent`).
 *
 * For each pod: no exception; the patch applies and gives what is explained; a second pass is empty; a preview gives the same;
 * an engine that has seen pods answers as a fresh one does; and each template reads exactly the path that was asked for, in
 * the agent's own engine.
 */
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/schema.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { createEngine } from "../../src/host/engine.ts";
import { previewDocuments } from "../../src/preview/answer.ts";
import { findEngine, renderAll, type Stored, withQuery } from "../agent/engine.ts";
import { applyOutcome, podWith, reviewPod, secret } from "../fixtures/engine.ts";
import { readGood } from "../preview/fixtures.ts";

const VAULT = "vault.hashicorp.com/";
const DEFAULT_SECONDS = 60;
/** Templates that are rendered by one process. */
const BATCH = 100;

/** Nearly always the value that makes a good pod: what is refused tells little. */
function rarely<T, U>(arbitrary: fc.Arbitrary<T>, usual: U): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 1, arbitrary }, { weight: 30, arbitrary: fc.constant(usual) });
}

const anyName = fc.string({
  unit: fc.constantFrom(..."abcXYZ019_-. #%?:\"'\\=&+éß密🔑~<>$`|;,@()[]*!^"),
  minLength: 1,
  maxLength: 14,
});
const anyRequest = fc
  .record({
    mount: fc.constantFrom("kv1", "secret/data", "org/secret/data", "database/creds"),
    group: fc.oneof(
      anyName,
      fc.tuple(anyName, anyName).map((parts) => parts.join("/")),
      rarely(fc.string(), "a"),
    ),
    key: fc.oneof(anyName, fc.constantFrom("api_key", "api-key", "tls.crt", "a.b.c", "if", "nil")),
    group_version: fc.constantFrom("", "kv1", "kv2", "db", "other"),
    mount_requirement: rarely(fc.constantFrom(1, 7), 2),
    env_var: rarely(fc.oneof(fc.constantFrom("DB", "FLYTE_SECRETS_DEFAULT_DIR", "a=b"), anyName), ""),
  })
  .map(({ mount, group, ...rest }) => secret({ ...rest, group: `${mount}/${group}` }));

const anyOwnKey = fc.constantFrom(
  ...["agent-inject", "role", "namespace", "agent-limits-cpu", "agent-requests-mem", "agent-pre-populate"],
  ...["agent-pre-populate-only", "secret-volume-path", "agent-inject-containers", "agent-inject-status"],
  ...["agent-inject-secret-x", "agent-inject-file-x", "agent-inject-template-x", "agent-inject-perms-x"],
  ...["tls-skip-verify", "agent-init-first", "agent-copy-volume-mounts", "agent-configmap", "unknown"],
);
const anyOwnValue = fc.oneof(
  fc.constantFrom("true", "false", "", "0400", "main", "secret/data/a", "a/b", "1", "/etc/flyte/secrets"),
  fc.string({ maxLength: 8 }),
);
const anyAnnotations = fc
  .array(
    fc.tuple(
      fc.oneof(
        anyOwnKey.map((name) => VAULT + name),
        fc.constantFrom("acme.io/a", "a~b"),
      ),
      anyOwnValue,
    ),
    {
      maxLength: 3,
    },
  )
  .map((entries): Record<string, string> => Object.fromEntries(entries));
const anyEnv = fc.array(
  fc.record({
    name: fc.constantFrom("A", "FLYTE_SECRETS_DEFAULT_DIR", "FLYTE_SECRETS_FILE_PREFIX"),
    value: fc.constantFrom("", "x", "/etc/flyte/secrets"),
  }),
  { maxLength: 4 },
);
const anyPod = fc
  .record({
    requests: fc.array(anyRequest, { minLength: 1, maxLength: 4 }),
    own: fc.oneof(fc.constant({}), anyAnnotations),
    env: anyEnv,
    raw: rarely(fc.string({ unit: fc.constantFrom(..."abcdefg123456!"), maxLength: 20 }), null),
  })
  .map(({ requests, own, env, raw }) => {
    const pod = podWith(requests, raw === null ? own : { ...own, "flyte.secrets/s9": raw });
    return { ...pod, spec: { ...pod.spec, containers: [{ name: "main", image: "example/i", env }] } };
  });
type FuzzedPod = typeof anyPod extends fc.Arbitrary<infer Pod> ? Pod : never;

const anyConfig = fc
  .record({
    kvVersion: fc.constantFrom(1, 2),
    annotations: fc.oneof(fc.constant({}), anyAnnotations),
    profile: fc.constantFrom("flyte", "flyte", "hardened"),
    ids: fc.constantFrom("stable", "stable", "random"),
    fileNames: fc.constantFrom("flyte", "flytekit"),
    strict: fc.boolean(),
    locked: fc.subarray([`${VAULT}role`, `${VAULT}auth-*`]),
  })
  .map(({ kvVersion, annotations, ...policy }) =>
    parseConfig({ webhook: { vaultSecretManager: { role: "flyte", kvVersion, annotations } }, policy }),
  )
  .filter((parsed) => parsed.ok)
  .map((parsed) => (parsed.ok ? parsed.value : fail("filtered")));

/** A template that was made, and what it has to read. */
interface Asked {
  readonly template: string;
  /** What Vault has to be asked for. */
  readonly request: string;
  readonly key: string;
}

const counts = { pods: 0, allowed: 0, templates: 0 };
/** By template: one that is rendered twice is written once. */
const waiting = new Map<string, Asked>();

async function checkPod(config: Config, shared: Engine, pod: FuzzedPod): Promise<void> {
  counts.pods++;
  const first = await reviewPod(shared, pod);
  const isRandom = config.policy.ids === "random";
  const comparable = isRandom ? toVerdict : toFacts;
  for (let pass = 0; pass < 2; pass++) {
    deepStrictEqual(comparable(await reviewPod(shared, pod)), comparable(first), "seen before");
  }
  deepStrictEqual(comparable(await reviewPod(await build(config), pod)), comparable(first), "a fresh engine");
  const previewed = await previewDocuments(readGood(pod), { review: shared.review, configHash: shared.hash });
  const [result] = previewed.results;
  deepStrictEqual(result?.allowed, first.allowed, "a preview");
  if (!isRandom) {
    const operations: unknown = first.patch === "" ? [] : JSON.parse(first.patch);
    deepStrictEqual(result?.patch, operations, "a preview's patch");
  }
  if (!first.allowed) return;
  counts.allowed++;
  const patched = applyOutcome(pod, first);
  const explained = first.explain();
  const folded = Object.fromEntries(explained.annotations.map(({ key, value }) => [key, value]));
  deepStrictEqual({ ...patched.metadata.annotations }, folded, "the patched annotations");
  const second = await reviewPod(shared, patched);
  deepStrictEqual([second.allowed, second.patch], [true, ""], "a second pass");
  collectTemplates(config, explained, patched.metadata.annotations);
}

function toVerdict({ allowed, status, warnings }: Outcome) {
  return { allowed, code: status?.code, warnings: warnings.length };
}

function toFacts({ allowed, status, issues, warnings, patch, auditAnnotations, explain }: Outcome) {
  return { allowed, status, issues, warnings, patch, auditAnnotations, explained: explain() };
}

/** Templates that are ours; a pod's own reads what it likes. */
function collectTemplates(
  config: Config,
  { requests }: ReturnType<Outcome["explain"]>,
  annotations: Readonly<Record<string, string>>,
): void {
  const { kvVersion } = config.webhook.vaultSecretManager;
  for (const { group, key, group_version: version, files } of requests) {
    const engine = version === "kv1" || version === "kv2" ? version : `kv${kvVersion}`;
    // The test's Vault tells a mount and its version by the first segment.
    if (group.startsWith("kv1/") !== (engine === "kv1") || !/^(kv1|secret\/data)\//.test(group)) continue;
    for (const { id, template } of files) {
      if (template === undefined || annotations[`${VAULT}agent-inject-template-${id}`] !== template) continue;
      const query = engine === "kv2" ? /\?version=[0-9]+$/.exec(group)?.[0] : undefined;
      const request = query ? withQuery(group.slice(0, -query.length), query.slice(1)) : group;
      waiting.set(template, { template, request, key });
    }
  }
}

/** Renders what has been collected; each secret has a value of its own, and every other path a decoy. */
async function renderWaiting(): Promise<void> {
  while (waiting.size > 0) {
    const batch = [...waiting.values()].slice(0, BATCH);
    for (const { template } of batch) waiting.delete(template);
    const secrets: Record<string, Record<string, unknown>> = {};
    for (const { request, key } of batch) {
      const stored = Object.hasOwn(secrets, request) ? secrets[request] : {};
      secrets[request] = Object.assign(Object.create(null), stored, { [key]: toValue(request, key) });
    }
    const { texts, stderr } = await renderAll(
      batch.map(({ template }) => template),
      secrets as Readonly<Record<string, Stored>>,
      { recorded: false },
    );
    const wanted = batch.map(({ request, key }) => toValue(request, key));
    deepStrictEqual({ texts, stderr }, { texts: wanted, stderr: "" }, "what the agent reads");
    counts.templates += batch.length;
  }
}

function toValue(request: string, key: string): string {
  return `value of ${Buffer.from(`${request}\0${key}`).toString("hex")}`;
}

async function build(config: Config): Promise<Engine> {
  const built = await createEngine(config);
  return built.ok ? built.value : fail(built.issues[0].message);
}

function fail(reason: string): never {
  throw new Error(reason);
}

const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
process.stdout.write(`fuzz: ${seconds} s, seed ${seed}\n`);
if ((await findEngine()) === undefined)
  fail("The agent's template engine is needed: install Go (https://go.dev/dl)");
await fc.assert(
  fc.asyncProperty(anyConfig, fc.array(anyPod, { minLength: 1, maxLength: 4 }), async (config, pods) => {
    const shared = await build(config);
    for (const pod of pods) await checkPod(config, shared, pod);
    if (waiting.size >= BATCH) await renderWaiting();
  }),
  { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1_000 },
);
await renderWaiting();
const { pods, allowed, templates } = counts;
if (allowed === 0 || templates === 0) fail("Nothing was tried");
process.stdout.write(
  `fuzz: ${pods} pods, ${allowed} of them allowed, ${templates} templates rendered: 1 pass\n`,
);
process.exit(0);

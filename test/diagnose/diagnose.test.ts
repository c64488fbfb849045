/** A pod with each fault, and healthy pods: every fault has its sentence, and no healthy pod has any. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/core/json.ts";
import { applyPatch, type Operation } from "../../src/core/patch/apply.ts";
import { DEFAULT_INJECTOR } from "../../src/core/settings.ts";
import { renderFlyteTemplate, renderTemplate } from "../../src/core/vault/template.ts";
import { diagnosePod } from "../../src/diagnose/diagnose.ts";
import { expectInjected } from "../../src/diagnose/expected.ts";
import { PATTERNS } from "../../src/diagnose/patterns.ts";
import { renderDiagnosis } from "../../src/diagnose/render.ts";
import { webPorts } from "../../src/host/ports.ts";
import { previewInjection, toStoredPod } from "../../src/preview/injected.ts";
import { render } from "../agent/engine.ts";
import { createTestEngine, reviewPod, settingsOf } from "../fixtures/engine.ts";
import { goldenInjections } from "../fixtures/golden.ts";
import { applyInjection, vectors } from "../fixtures/injector.ts";
import { diagnoseLog, ENDED, FAILED, PENDING, type PodOptions, RUNNING, storedPod } from "./pods.ts";

const LOGS = join(import.meta.dir, "../fixtures/agent-logs");
const VAULT = "vault.hashicorp.com/";
const diagnose = (options: PodOptions, more: object = {}) =>
  diagnosePod({ pod: storedPod(options), ...more }, webPorts);
const logOf = (name: string) => readFileSync(join(LOGS, `${name}.log`), "utf8");

describe("recorded logs of agents", () => {
  const rows: Readonly<Record<string, readonly string[]>> = {
    "auth-path": ["diagnose.login-denied"],
    "token-rejected": ["diagnose.login-denied"],
    "auth-path-handler": ["diagnose.auth-path"],
    "key-missing-guarded": ["diagnose.key-missing"],
  };
  const names = readdirSync(LOGS).map((file) => file.replace(/\.log$/, ""));
  const faulty = names.filter((name) => !name.startsWith("healthy"));

  test.each(faulty.map((name) => [name, rows[name]?.[0] ?? `diagnose.${name}`] as const))(
    "%s: %s",
    (name, code) => {
      expect(diagnoseLog(logOf(name))?.code).toBe(code as never);
      const { verdict, fault, sentence } = diagnose({}, { log: logOf(name) });
      expect([verdict, fault?.code]).toEqual(["hangs", code as never]);
      expect(sentence).toMatch(/^Pod team-a\/f1-n0-0 hangs because .+\.$/);
      expect(sentence).not.toMatch(/undefined|\(unknown\)/);
    },
  );

  test("every row of the table has one", () => {
    const recorded = new Set(faulty.map((name) => diagnoseLog(logOf(name))?.code));
    expect(PATTERNS.map(({ code }) => code).filter((code) => !recorded.has(code))).toEqual([]);
  });

  test.each(names.filter((name) => name.startsWith("healthy")))("%s: none", (name) => {
    expect(diagnoseLog(logOf(name))).toBeUndefined();
  });

  test("what our own template says of a missing key is diagnosed", async () => {
    const path = "secret/data/app";
    const { stderr } = await render(renderTemplate("kv2", path, "api-key"), { [path]: { other: "7f3a" } });
    const line = `2026-11-26T08:00:00.000Z [ERROR] agent: runtime error encountered: error=${JSON.stringify(stderr)} exitCode=1`;
    const found = diagnoseLog(line);
    expect(found?.code).toBe("diagnose.key-missing");
  });

  test("an error that the agent has got over is history", () => {
    expect(diagnoseLog(`${logOf("refused")}\n${logOf("healthy")}`)).toBeUndefined();
    expect(diagnoseLog(`${logOf("account-not-bound")}\n${logOf("read-denied")}`)?.code).toBe(
      "diagnose.read-denied",
    );
  });

  test("a log in JSON is read as well, and a hostile one is not slow", () => {
    const line = {
      "@level": "error",
      "@message": "error authenticating",
      "@module": "agent.auth.handler",
      error: 'PUT http://v:8200/v1/auth/kubernetes/login Code: 400. Errors: * invalid role name "x"',
    };
    expect(diagnoseLog(JSON.stringify(line))?.code).toBe("diagnose.role-unknown");
    const started = performance.now();
    diagnoseLog(`[ERROR] ${"vault.read(".repeat(200_000)}\n${" |".repeat(100_000)}\n`.repeat(20));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

const registration = (name: string, webhook: object) => ({
  kind: "MutatingWebhookConfiguration",
  metadata: { name },
  webhooks: [
    {
      name: "vault.hashicorp.com",
      rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      ...webhook,
    },
  ],
});
const OURS = registration("00-flyte-vault-webhook", { name: "secrets.flyte-vault-webhook.io" });
const createdAt = (creationTimestamp: string, { metadata, ...rest }: ReturnType<typeof registration>) => ({
  ...rest,
  metadata: { ...metadata, creationTimestamp },
});
const WAITING = { waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } };
const FROM_FILE = {
  name: "API_KEY",
  valueFrom: { fileKeyRef: { volumeName: "vault-secrets", path: ".env/API_KEY", key: "VALUE" } },
};
const DELETED = { deletionTimestamp: "2026-11-26T08:00:00Z", finalizers: ["flyte.org/finalizer-k8s"] };
const waitingFor = (message: string) => ({ waiting: { reason: "CreateContainerConfigError", message } });
const unserved = Object.fromEntries(
  [
    "agent-inject",
    "role",
    "secret-volume-path",
    "agent-inject-secret-x1",
    "agent-inject-file-x1",
    "agent-inject-template-x1",
  ].map((key) => [VAULT + key, undefined]),
);

describe("links of the chain", () => {
  test.each<readonly [string, PodOptions, object, string]>([
    [
      "no label",
      { isInjected: false, annotations: unserved, labels: { "inject-flyte-secrets": "false" } },
      {},
      "label-missing",
    ],
    ["nobody answered", { isInjected: false, annotations: unserved }, {}, "not-sent"],
    [
      "selected by none",
      { isInjected: false, annotations: unserved },
      {
        registrations: [
          registration("00-flyte-vault-webhook", {
            name: "secrets.flyte-vault-webhook.io",
            namespaceSelector: { matchLabels: { flyte: "yes" } },
          }),
        ],
      },
      "not-selected",
    ],
    [
      "nobody is registered",
      { isInjected: false, annotations: unserved },
      { registrations: [] },
      "not-registered",
    ],
    [
      "an observer alone",
      { isInjected: false, annotations: unserved },
      {
        registrations: [
          registration("v-flyte-vault-webhook-observe", { name: "secrets.flyte-vault-webhook.io" }),
        ],
      },
      "only-observed",
    ],
    [
      "registered after the pod was created",
      { isInjected: false, annotations: unserved },
      { registrations: [createdAt("2026-11-26T08:00:01Z", OURS)] },
      "registered-later",
    ],
    [
      "a failure that was ignored",
      { isInjected: false, annotations: unserved },
      {
        registrations: [
          registration("00-flyte-vault-webhook", {
            name: "secrets.flyte-vault-webhook.io",
            failurePolicy: "Ignore",
          }),
        ],
        servers: new Map([["00-flyte-vault-webhook", { kind: "unreachable", reason: "ECONNREFUSED" }]]),
      },
      "webhook-ignored",
    ],
    [
      "an event of a controller",
      { isInjected: false, annotations: unserved },
      {
        registrations: [OURS],
        events: [
          {
            reason: "FailedCreate",
            message:
              'Error creating: Internal error occurred: failed calling webhook "secrets.flyte-vault-webhook.io": failed to call webhook: Post "https://flyte-vault-webhook.flyte-vault-webhook.svc:443/mutate?timeout=10s": dial tcp 10.96.7.1:443: connect: connection refused',
          },
        ],
      },
      "webhook-failed",
    ],
    [
      "a label that came later",
      { isInjected: false, annotations: unserved },
      { registrations: [createdAt("2026-11-26T08:00:00Z", OURS)] },
      "changed-later",
    ],
    [
      "a copy of an injected pod",
      { isInjected: false, annotations: { [`${VAULT}agent-inject-status`]: "injected" } },
      { registrations: [OURS, registration("vault-agent-injector-cfg", {})] },
      "injected-before",
    ],
    [
      "the injector registered after the pod was created",
      { isInjected: false },
      {
        registrations: [
          OURS,
          createdAt("2026-11-26T09:00:00Z", registration("vault-agent-injector-cfg", {})),
        ],
      },
      "registered-later",
    ],
    ["a volume that somebody removed", { volumes: ["home-init"] }, {}, "injector-incomplete"],
    [
      "a request that is none",
      { annotations: { ...unserved, "flyte.secrets/s0": "not base32!" } },
      {},
      "request",
    ],
    [
      "injection switched off",
      { isInjected: false, annotations: { [`${VAULT}agent-inject`]: "false" } },
      {},
      "inject-off",
    ],
    [
      "Flyte's template",
      {
        annotations: {
          [`${VAULT}agent-inject-template-x1`]: renderFlyteTemplate("kv2", "secret/data/team", "api-key"),
        },
      },
      {},
      "flyte-template",
    ],
    ["no injector, nothing known", { isInjected: false }, {}, "injector-silent"],
    ["no injector", { isInjected: false }, { registrations: [OURS] }, "injector-missing"],
    [
      "the injector first",
      { isInjected: false },
      { registrations: [registration("00-agent-injector-cfg", {}), OURS] },
      "injector-first",
    ],
    [
      "the injector not trusted",
      { isInjected: false },
      {
        servers: new Map([
          [
            "vault-agent-injector-cfg",
            { kind: "untrusted", reason: "unable to verify the first certificate" },
          ],
        ]),
        registrations: [registration("vault-agent-injector-cfg", { failurePolicy: "Ignore" }), OURS],
      },
      "injector-certificate",
    ],
    [
      "the injector ignored",
      { isInjected: false },
      { registrations: [registration("vault-agent-injector-cfg", { failurePolicy: "Ignore" }), OURS] },
      "injector-ignored",
    ],
    [
      "no node",
      {
        agent: undefined,
        status: {
          conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }],
        },
      },
      {},
      "unscheduled",
    ],
    ["no image", { agent: WAITING }, {}, "image-pull"],
    [
      "no Secret",
      { agent: PENDING },
      { events: [{ reason: "FailedMount", message: 'secret "vault-tls" not found' }] },
      "volume",
    ],
    [
      "no configuration",
      { agent: { waiting: { reason: "CreateContainerConfigError", message: "secret not found" } } },
      {},
      "container-config",
    ],
    [
      "a variable's file that is not there",
      {
        agent: PENDING,
        before: [{ name: "own", state: waitingFor("couldn't parse env file") }],
      },
      {},
      "variable-file",
    ],
    [
      "a variable without a value",
      {
        agent: ENDED,
        main: waitingFor('environment variable key "VALUE" not found in file "/var/lib/.env/X"'),
      },
      {},
      "variable-empty",
    ],
    [
      "a deleted pod whose finalizer stays",
      { agent: ENDED, main: ENDED, env: [FROM_FILE], metadata: DELETED },
      {},
      "variable-finalizer",
    ],
    [
      "an init container before it",
      { agent: PENDING, before: [{ name: "wait", state: RUNNING }] },
      {},
      "init-order",
    ],
    [
      "a mesh",
      { before: [{ name: "istio-init", state: ENDED }] },
      {
        log: '[ERROR] agent: Put "http://vault:8200/v1/auth/kubernetes/login": dial tcp 10.0.0.1:8200: connect: connection refused',
      },
      "mesh",
    ],
    ["no memory", { agent: { terminated: { exitCode: 137, reason: "OOMKilled" } } }, {}, "out-of-memory"],
    ["an unknown error", { agent: FAILED }, { log: "[ERROR] agent: something new" }, "agent-failed"],
    [
      "another folder",
      { agent: ENDED, main: RUNNING, env: [{ name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/other" }] },
      {},
      "folder",
    ],
  ])("%s: diagnose.%s", (_, options, more, code) => {
    const { fault, sentence, links } = diagnose(options, more);
    expect([fault?.code, sentence]).toEqual([
      `diagnose.${code}` as never,
      expect.stringMatching(/because .+\.$/),
    ]);
    expect(links.some(({ verdict }) => verdict === "fault")).toBe(true);
  });

  test("the link injector says what the pod should look like, by the model", () => {
    const expected = "init container vault-agent-init, volume home-init, volume vault-secrets";
    const of = (options: PodOptions) =>
      diagnose(options).links.find(({ name }) => name === "injector")?.expected;
    expect([of({}), of({ isInjected: false })]).toEqual([expected, expected]);
    const sidecar = of({ isInjected: false, annotations: { [`${VAULT}agent-pre-populate-only`]: "false" } });
    expect(sidecar).toContain("container vault-agent,");
    expect(renderDiagnosis(diagnose({ isInjected: false }))).toContain(`expected: ${expected}`);
    const { fault } = diagnose({ volumes: ["home-init"] });
    expect(fault?.message).toContain(
      "lacks parts that the injector adds for its annotations: volume vault-secrets",
    );
  });

  test("what the Vault team is told names role, account and path, and no secret", () => {
    const { forVaultTeam = "" } = diagnose({}, { log: logOf("read-denied") });
    for (const word of ["flyte", "team-a", "auth/kubernetes", "secret/data/team"])
      expect(forVaultTeam).toContain(word);
    expect(renderDiagnosis(diagnose({}, { log: logOf("read-denied") }))).toContain("For the Vault team:");
  });
});

describe("healthy pods", () => {
  test.each<readonly [string, PodOptions, object]>([
    ["the task runs", { agent: ENDED, main: RUNNING }, { log: logOf("healthy") }],
    ["the task runs, nothing else known", { agent: ENDED, main: RUNNING }, {}],
    ["the task has ended", { agent: ENDED, main: ENDED }, {}],
    ["deleted, without a variable", { agent: ENDED, main: ENDED, metadata: DELETED }, {}],
    [
      "a variable and a finalizer, not deleted",
      { agent: ENDED, main: ENDED, env: [FROM_FILE], metadata: { finalizers: DELETED.finalizers } },
      {},
    ],
    ["the agent has just started", { agent: RUNNING }, { log: "" }],
    [
      "after a native sidecar of a mesh",
      { before: [{ name: "istio-proxy", state: RUNNING, restartPolicy: "Always" }] },
      {},
    ],
    ["a log that does not exist any more", { agent: ENDED, main: RUNNING }, { log: logOf("refused") }],
  ])("%s: no fault", (_, options, more) => {
    expect(diagnose(options, more).fault).toBeUndefined();
  });

  test("every golden pod, served and injected: no fault, before its start and after", async () => {
    let count = 0;
    for (const row of goldenInjections) {
      const engine = await createTestEngine(settingsOf(row.config));
      const outcome = await reviewPod(engine, row.pod);
      if (
        !outcome.allowed ||
        outcome.patch === "" ||
        outcome.issues.some(({ severity }) => severity === "error")
      )
        continue;
      const served = applyPatch(row.pod, JSON.parse(outcome.patch) as Operation[]);
      // Its task looks elsewhere: not healthy.
      if (!JSON.stringify(served).includes('"vault.hashicorp.com/secret-volume-path":"/etc/flyte/secrets"'))
        continue;
      for (const state of [RUNNING, ENDED]) {
        const pod = inject(served, state);
        if (!pod) continue;
        const { fault } = diagnosePod({ pod }, webPorts);
        expect([row.name, fault]).toEqual([row.name, undefined]);
      }
      count++;
    }
    expect(count).toBeGreaterThan(150);
  });

  test("every pod that the real injector was recorded to inject: nothing is missing, whatever its flags", () => {
    const injected = vectors.filter(({ patch }) => patch !== null);
    expect(injected.length).toBeGreaterThan(900);
    for (const { name, pod, namespace, patch } of injected) {
      const stored: JsonObject = Object(applyInjection(pod, patch ?? []));
      const expected = expectInjected(stored, namespace);
      expect([name, expected.kind === "injected" ? expected.missing : []]).toEqual([name, []]);
    }
  });

  test("the healthy pods from the field, as manifests", () => {
    const folder = join(import.meta.dir, "../fixtures/field");
    const names = readdirSync(folder).filter((name) => name.startsWith("ok-"));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const pods = readdirSync(join(folder, name)).filter((file) => file === "pod.yaml");
      for (const file of pods) {
        const pod = Bun.YAML.parse(readFileSync(join(folder, name, file), "utf8"));
        expect([name, diagnosePod({ pod: Object(pod) }, webPorts).fault]).toEqual([name, undefined]);
      }
    }
  });
});

/** What the injector and the kubelet would add. */
function inject(given: unknown, state: object) {
  const pod: JsonObject = Object(given);
  const made = previewInjection(pod, "flytesnacks-development", DEFAULT_INJECTOR, true);
  // The injector refuses some values that nobody else checks.
  if (made.message !== null) return undefined;
  const stored = Object(toStoredPod(pod, made, true));
  const containers: readonly JsonObject[] = stored.spec.initContainers ?? [];
  return {
    ...stored,
    status: {
      phase: "Pending",
      initContainerStatuses: containers.map(({ name }) => ({
        name,
        state: name === "vault-agent-init" ? state : ENDED,
      })),
    },
  };
}

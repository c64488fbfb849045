import { describe, expect, test } from "bun:test";
import { MountRequirement, type SecretRequest } from "../../src/core/secret/request.ts";
import type { Settings } from "../../src/core/settings.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";

const opted: Settings = {
  ...DEFAULT_SETTINGS,
  policy: { ...DEFAULT_SETTINGS.policy, envVars: { mode: "file-key-ref", nodes: "all-1.35-or-newer" } },
};
const kv2 = secret({ group: "secret/data/team", key: "api-key", group_version: "kv2" });
const variable = { ...kv2, mount_requirement: MountRequirement.ENV_VAR };
const ref = (path: string) => ({
  valueFrom: { fileKeyRef: { volumeName: "vault-secrets", path, key: "VALUE" } },
});
const FILE = ".env/_FSEC_SECRET%2FDATA%2FTEAM_API-KEY";

interface Container {
  readonly name: string;
  readonly env?: readonly object[];
}

interface Spec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

async function review(
  requests: readonly SecretRequest[],
  {
    settings = opted,
    annotations = {},
    spec = {},
  }: { settings?: Settings; annotations?: Record<string, string>; spec?: Partial<Spec> } = {},
) {
  const pod = podWith(requests, annotations);
  const given: { readonly metadata: object; readonly spec: Spec } = {
    ...pod,
    spec: { ...pod.spec, ...spec },
  };
  const engine = await createTestEngine(settings);
  const outcome = await reviewPod(engine, given);
  const after = applyOutcome(given, outcome);
  const second = await reviewPod(engine, after);
  return { outcome, after, second, codes: outcome.issues.map(({ code }) => code) };
}

describe("policy.envVars: refuse", () => {
  test("keeps Flyte's sentence", async () => {
    const { outcome } = await review([variable], { settings: DEFAULT_SETTINGS });
    expect(outcome.status?.message).toStartWith(
      "Env_Var is not a supported mount requirement for Vault Secret Manager",
    );
  });
});

describe("policy.envVars: file-key-ref", () => {
  test("sets Flyte's name, the task's own, and the prefix, last in every container", async () => {
    const { outcome, after, second } = await review([{ ...variable, env_var: "API_KEY" }], {
      spec: { containers: [{ name: "main", env: [{ name: "A", value: "1" }] }, { name: "side" }] },
    });
    expect(outcome.status).toBeUndefined();
    const ours = [
      { name: "_FSEC_SECRET/DATA/TEAM_API-KEY", ...ref(".env/API_KEY") },
      { name: "_FSEC_SECRET/DATA/TEAM_KV2_API-KEY", ...ref(".env/API_KEY") },
      { name: "API_KEY", ...ref(".env/API_KEY") },
      { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
    ];
    expect(after.spec.containers.map(({ env }) => env?.slice(-4))).toEqual([ours, ours]);
    expect(second.patch).toBe("");
    expect(second.status).toBeUndefined();
  });

  test("renders one file, which a preview names", async () => {
    const { outcome } = await review([variable]);
    const { requests, env } = outcome.explain();
    expect(requests[0]?.files).toMatchObject([{ path: FILE, for: ["kubelet"] }]);
    expect(requests[0]?.files[0]?.template).toContain("VALUE='{{$s}}'");
    expect(env.map(({ name, source }) => `${name} ${source.kind}`)).toEqual([
      "FLYTE_SECRETS_FILE_PREFIX webhook",
      "FLYTE_SECRETS_DEFAULT_DIR webhook",
      "_FSEC_SECRET/DATA/TEAM_API-KEY secret",
      "_FSEC_SECRET/DATA/TEAM_KV2_API-KEY secret",
      "FLYTE_SECRETS_ENV_PREFIX webhook",
    ]);
    expect(env.find(({ name }) => name.startsWith("_FSEC_"))?.value).toBe(
      `read by the kubelet from /etc/flyte/secrets/${FILE}`,
    );
  });

  test.each(["kv1", "kv2", "db"])("serves engine %s by its key", async (group_version) => {
    const group = group_version === "kv2" ? "secret/data/a" : "mount/a";
    const { outcome } = await review([{ ...variable, group, group_version }]);
    expect(outcome.status).toBeUndefined();
    expect(outcome.explain().requests[0]?.files[0]?.template).toContain('$k:="api-key"');
  });

  test("init containers get it only behind the agent", async () => {
    const spec = { initContainers: [{ name: "setup" }] };
    const names = (list: readonly Container[] = []) => JSON.stringify(list.map(({ env }) => env));
    const before = await review([variable], { spec });
    expect(names(before.after.spec.initContainers)).not.toContain("fileKeyRef");
    const behind = await review([variable], {
      spec,
      annotations: { "vault.hashicorp.com/agent-init-first": "true" },
    });
    expect(names(behind.after.spec.initContainers)).toContain("fileKeyRef");
    expect(behind.second.patch).toBe("");
  });

  test("is refused without the init agent", async () => {
    const { codes, outcome } = await review([variable], {
      annotations: { "vault.hashicorp.com/agent-pre-populate": "false" },
    });
    expect(codes).toContain("secret.variable-late");
    expect(outcome.allowed).toBe(false);
  });

  test("names the user's variable that it replaces, and what two requests share", async () => {
    const spec = { containers: [{ name: "main", env: [{ name: "API_KEY", value: "mine" }] }] };
    expect((await review([{ ...variable, env_var: "API_KEY" }], { spec })).codes).toContain(
      "secret.variable-replaced",
    );
    const fromSecret = {
      name: "API_KEY",
      valueFrom: { secretKeyRef: { name: "own", key: "key" } },
    };
    for (const [env, isTold] of [
      [[fromSecret], true],
      [[{ name: "API_KEY" }], false],
      [[{ name: "API_KEY", ...ref(".env/API_KEY") }], false],
      [[{ name: "API_KEY", ...ref(".env/OTHER") }], true],
    ] as const) {
      const { codes, outcome } = await review([{ ...variable, env_var: "API_KEY" }], {
        spec: { containers: [{ name: "main", env }] },
      });
      const shown = outcome.explain().env.find(({ name }) => name === "API_KEY")?.replaced;
      if (env[0] === fromSecret) expect(shown).toBe("valueFrom secretKeyRef");
      expect([env, codes.includes("secret.variable-replaced")]).toEqual([env, isTold]);
    }
    // An init container before the agent keeps its own.
    const init = await review([{ ...variable, env_var: "API_KEY" }], {
      spec: { initContainers: [{ name: "own", env: [{ name: "API_KEY", value: "mine" }] }] },
    });
    expect(init.codes).not.toContain("secret.variable-replaced");
    const two = [
      { ...kv2, env_var: "X" },
      { ...kv2, key: "other", env_var: "X" },
    ];
    expect((await review(two)).codes).toContain("secret.variable-twice");
  });

  test("the same secret under two names is no clash, another secret under one name is", async () => {
    const named = (env_var: string, more: Partial<SecretRequest> = {}) => ({ ...variable, env_var, ...more });
    const twice = await review([named("A"), named("B")]);
    expect(twice.codes).not.toContain("secret.variable-twice");
    expect(JSON.stringify(twice.after.spec.containers)).toContain('"name":"A"');
    expect(twice.second.patch).toBe("");
    for (const more of [{ key: "other" }, { group: "secret/data/other" }, { group_version: "kv1" }]) {
      expect((await review([named("A"), named("A", { ...more })])).codes).not.toEqual([]);
    }
    // Both have the name _FSEC_SECRET/DATA/TEAM_API-KEY, and the engines differ.
    const engines = await review([named("A"), named("B", { group_version: "kv1" })]);
    expect(engines.codes).toContain("secret.variable-twice");
  });

  test("annotations of the pod's own do not make its template a correction", async () => {
    const { outcome } = await review([variable], {
      annotations: { "vault.hashicorp.com/log-level": "debug" },
    });
    const template = outcome.explain().annotations.find(({ key }) => key.includes("agent-inject-template-"));
    expect(template).toMatchObject({ source: { kind: "secret" }, overrides: [] });
  });

  test("a second pass after the API server has added defaults is empty", async () => {
    const { after } = await review([variable]);
    const text = JSON.stringify(after).replaceAll('"key":"VALUE"', '"key":"VALUE","optional":false');
    expect((await reviewPod(await createTestEngine(opted), JSON.parse(text))).patch).toBe("");
  });

  test("hardened serves it, twice", async () => {
    const settings: Settings = { ...opted, policy: { ...opted.policy, profile: "hardened" } };
    const { outcome, second } = await review([variable], { settings });
    expect([outcome.status, second.status, second.patch]).toEqual([undefined, undefined, ""]);
  });

  test("a group that no variable can be named after needs env_var", async () => {
    const umlaut = { ...variable, group: "secret/data/ümlaut" };
    expect((await review([umlaut])).codes).toContain("secret.variable-name");
    expect((await review([{ ...umlaut, env_var: "OK" }])).outcome.allowed).toBe(true);
  });
});

describe("a pod that may live for weeks", () => {
  test.each([
    ["restartPolicy Always", { spec: { restartPolicy: "Always" } }, variable, true],
    ["a Knative Service", { metadata: { labels: { "serving.knative.dev/service": "app" } } }, variable, true],
    ["a RayService", { metadata: { ownerReferences: [{ kind: "RayService" }] } }, variable, true],
    ["a task", { spec: { restartPolicy: "Never" } }, variable, false],
    ["no policy, as in a manifest", {}, variable, false],
    ["a file only", { spec: { restartPolicy: "Always" } }, kv2, false],
  ] as const)(
    "%s",
    async (_, more: { readonly metadata?: object; readonly spec?: object }, request, isTold) => {
      const pod = podWith([request]);
      const given = {
        ...pod,
        metadata: { ...pod.metadata, ...more.metadata },
        spec: { ...pod.spec, ...more.spec },
      };
      const outcome = await reviewPod(await createTestEngine(opted), given);
      expect(outcome.status).toBeUndefined();
      expect(outcome.issues.some(({ code }) => code === "secret.variable-lasting")).toBe(isTold);
    },
  );
});

describe.each([
  ["FILE", MountRequirement.FILE],
  ["ANY", MountRequirement.ANY],
])("env_var beside %s", (_, mount_requirement) => {
  const asked = { ...kv2, mount_requirement, env_var: "TLS_FILE" };

  test("holds the file's path in every container, init containers too", async () => {
    const { after, second } = await review([asked], {
      settings: DEFAULT_SETTINGS,
      spec: { initContainers: [{ name: "setup" }] },
    });
    const expected = { name: "TLS_FILE", value: "/etc/flyte/secrets/secret/data/team/api-key" };
    const containers: readonly Container[] = [...after.spec.containers, ...(after.spec.initContainers ?? [])];
    for (const { env } of containers) {
      expect(env?.at(-1)).toEqual(expected);
    }
    expect(second.patch).toBe("");
    expect(second.issues.map(({ code }) => code)).not.toContain("secret.variable-replaced");
  });

  test.each(["1X", "a-b", "a b", "FLYTE_SECRETS_DEFAULT_DIR", "x=y", "é", "a\nb"])(
    "%j is refused",
    async (env_var) => {
      const { codes, outcome } = await review([{ ...asked, env_var }], { settings: DEFAULT_SETTINGS });
      expect(codes).toContain("secret.variable-name");
      expect(outcome.allowed).toBe(false);
    },
  );
});

describe("Flyte's finalizer on a pod with variables", () => {
  test.each([
    ["flyte/flytek8s", variable, opted, true],
    ["flyteplugins.flyte.org/finalizer-k8s", variable, opted, true],
    ["acme.io/x", variable, opted, false],
    ["flyte/flytek8s", kv2, opted, false],
    ["flyte/flytek8s", { ...kv2, env_var: "PATH_OF" }, opted, false],
  ] as const)("%s: %p", async (finalizer, request, settings, isWarned) => {
    const pod = podWith([request]);
    const engine = await createTestEngine(settings);
    const outcome = await reviewPod(engine, {
      ...pod,
      metadata: { ...pod.metadata, finalizers: [finalizer] },
    });
    expect(outcome.status).toBeUndefined();
    expect(outcome.issues.some(({ code }) => code === "secret.variable-finalizer")).toBe(isWarned);
  });

  test.each([[null], ["flyte"], [{}], [[1, null]], [[["flyte"]]]])(
    "finalizers %p are not read",
    async (finalizers) => {
      const pod = podWith([variable]);
      const engine = await createTestEngine(opted);
      const outcome = await reviewPod(engine, { ...pod, metadata: { ...pod.metadata, finalizers } });
      expect(outcome.issues.some(({ code }) => code === "secret.variable-finalizer")).toBe(false);
    },
  );
});

describe("variables of many requests for many containers", () => {
  const podOf = (requests: number, containers: number) => {
    const made = Array.from({ length: requests }, (_, i) =>
      secret({
        ...kv2,
        group: `secret/data/g${i}`,
        env_var: `V${i}`,
        mount_requirement: MountRequirement.FILE,
      }),
    );
    const spec = { containers: Array.from({ length: containers }, (_, i) => ({ name: `c${i}` })) };
    return { ...podWith(made), spec };
  };

  test("are refused where no cluster could store the pod, before its patch is made", async () => {
    const engine = await createTestEngine();
    const outcome = await reviewPod(engine, podOf(200, 1_000));
    const refusing = outcome.issues.filter(({ severity }) => severity === "deny");
    expect(refusing.map(({ code }) => code)).toEqual(["secret.variables-too-large"]);
    expect(outcome.allowed).toBe(false);
    expect(outcome.explain().env.length).toBe(2 * 1_000);
  });

  test("are added where it can, each last in its container", async () => {
    const pod = podOf(50, 20);
    const outcome = await reviewPod(await createTestEngine(), pod);
    expect(outcome.allowed).toBe(true);
    const { spec } = applyOutcome(pod, outcome) as unknown as { spec: Spec };
    for (const { env } of spec.containers) expect(env?.length).toBe(2 + 50);
    expect(outcome.patch.length).toBeLessThan(1.5 * 1024 * 1024);
  });
});

/**
 * What a pod's author gets by an annotation of each class, by the model of the injector and the agent's own template engine: it works
 * where everything is left to the pod, and not under `hardened`, `locked` or `denied`. Annotations of the classes that `hardened`
 * leaves to pods change none of it.
 */
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isObject } from "../../src/core/json.ts";
import type { Settings } from "../../src/core/settings.ts";
import { type AnnotationClass, CLASS_OF } from "../../src/injector/classes.ts";
import { MODELLED_VERSION } from "../../src/injector/flags.ts";
import type { InjectedAgents } from "../../src/injector/inject.ts";
import { VAULT_ANNOTATIONS, VAULT_DOMAIN, vaultKey } from "../../src/injector/vocabulary.ts";
import { previewInjection, toStoredPod } from "../../src/preview/injected.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";
import { fileIds } from "../plugins/ids.ts";
import { findEngine, renderAll, type Secrets } from "./engine.ts";

setDefaultTimeout(30_000);
beforeAll(findEngine, 300_000);

const OTHER = "secret/data/other";
const STOLEN = "7f3a-of-the-other-team";
const mine = secret({ group: "secret/data/mine", key: "k", group_version: "kv2" });
const SECRETS: Secrets = {
  [OTHER]: { k: STOLEN },
  [mine.group]: { k: "4b1c-of-my-team" },
};

/** A pod whose container has a volume of its own; an agent in a sidecar, too, which any pod may ask for. */
function createPod(annotations: Readonly<Record<string, string>>) {
  const pod = podWith([mine], { [vaultKey("agent-pre-populate-only")]: "false", ...annotations });
  const mount = { name: "own", mountPath: "/own" };
  const main = { name: "main", image: "registry.example/task:1", volumeMounts: [mount] };
  return { ...pod, spec: { containers: [main], volumes: [{ name: "own", emptyDir: {} }] } };
}

/** What an author may be after, of an injected pod; each list without repetitions. */
interface Facts {
  readonly logins: readonly unknown[];
  readonly sinks: readonly unknown[];
  readonly servers: readonly unknown[];
  readonly templates: readonly unknown[];
  readonly commands: readonly unknown[];
  readonly proxies: readonly unknown[];
  readonly taskMounts: readonly unknown[];
  readonly agentMounts: readonly unknown[];
  readonly sources: readonly unknown[];
  readonly agents: readonly unknown[];
}

const unique = (values: readonly unknown[]) =>
  [...new Set(values.map((value) => JSON.stringify(value ?? null)))].toSorted();
const listOf = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

function readFacts(stored: unknown, { init, sidecar }: InjectedAgents): Facts {
  const spec = isObject(stored) && isObject(stored.spec) ? stored.spec : {};
  const containers = [...listOf(spec.initContainers), ...listOf(spec.containers)];
  const agents = containers.filter(({ name }) => String(name).startsWith("vault-agent"));
  const tasks = containers.filter(({ name }) => name === "main");
  const configs = [init, sidecar].filter((config) => config !== undefined);
  const templates = configs.flatMap(({ template }) => template ?? []);
  return {
    logins: unique(
      configs.map(
        ({
          auto_auth: {
            method: { type, mount_path: path, namespace, config },
          },
        }) => ({ type, path, namespace, config }),
      ),
    ),
    sinks: unique(configs.flatMap(({ auto_auth: { sink } }) => sink)),
    servers: unique(configs.map(({ vault, telemetry }) => ({ vault, telemetry }))),
    // With the file, since two templates of one text are two files.
    templates: unique(
      templates.map(({ destination, contents, source, left_delimiter: left, right_delimiter: right }) => ({
        destination,
        contents,
        source,
        left,
        right,
      })),
    ),
    commands: unique([...templates.map(({ command }) => command), ...agents.map(({ image }) => image)]),
    proxies: unique(configs.map(({ cache }) => cache?.use_auto_auth_token)),
    taskMounts: unique(
      tasks.flatMap(({ volumeMounts }) => listOf(volumeMounts).map(({ mountPath }) => mountPath)),
    ),
    agentMounts: unique(
      agents.flatMap(({ volumeMounts }) =>
        listOf(volumeMounts).map(({ name, mountPath }) => ({
          name: String(name).replace(/^home-.*/, "home"),
          mountPath,
        })),
      ),
    ),
    sources: unique(listOf(spec.volumes).flatMap(({ secret: from, configMap }) => [from, configMap])),
    agents: unique(agents.map(({ command, args, securityContext }) => ({ command, args, securityContext }))),
  };
}

async function admit(pod: ReturnType<typeof createPod>, settings: Settings = DEFAULT_SETTINGS) {
  const outcome = await reviewPod(await createTestEngine(settings), pod);
  return { outcome, after: applyOutcome(pod, outcome) };
}

/** Injects a pod that the webhook has admitted. @returns `undefined` where the injector refuses or leaves it */
function injectInto(
  pod: Record<string, unknown>,
): (Facts & { readonly render: () => Promise<string> }) | undefined {
  const injected = previewInjection(
    pod,
    "flytesnacks-development",
    { version: MODELLED_VERSION, flags: {} },
    true,
  );
  if (!injected.agent) return undefined;
  const { init } = injected.agent;
  const render = async () => {
    const made = (init?.template ?? []).map(({ contents = "", left_delimiter, right_delimiter }) => ({
      contents,
      left_delimiter,
      right_delimiter,
    }));
    return (await renderAll(made, SECRETS)).texts.join("\n");
  };
  return { ...readFacts(toStoredPod(pod, injected, true), injected.agent), render };
}

/** An annotation of a class, and where its effect shows. */
interface Means {
  /** Without the domain; `ID` stands for the id of the request's own file. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly at: keyof Facts;
  readonly shows: string;
  /** What the agent writes into a file of the pod. */
  readonly prints?: string;
}

const code = `{{ with secret "${OTHER}" }}{{ .Data.data.k }}{{ end }}`;

/** For each class that `hardened` keeps from pods, what it is good for. */
const MEANS: Readonly<Record<Exclude<AnnotationClass, "lifecycle" | "log" | "resources">, readonly Means[]>> =
  {
    identity: [
      { annotations: { role: "other-team" }, at: "logins", shows: '"role":"other-team"' },
      { annotations: { "auth-config-token-path": "/own/token" }, at: "logins", shows: "/own/token" },
      { annotations: { "auth-path": "auth/other" }, at: "logins", shows: '"path":"auth/other"' },
    ],
    server: [
      { annotations: { service: "https://evil.example" }, at: "servers", shows: "https://evil.example" },
      { annotations: { "tls-skip-verify": "true" }, at: "servers", shows: '"tls_skip_verify":true' },
    ],
    path: [
      { annotations: { "agent-inject-secret-x": OTHER }, at: "templates", shows: OTHER, prints: STOLEN },
      { annotations: { namespace: "other-team" }, at: "logins", shows: '"namespace":"other-team"' },
    ],
    file: [
      { annotations: { "secret-volume-path": "/elsewhere" }, at: "taskMounts", shows: "/elsewhere" },
      {
        annotations: { "agent-inject-file-x": "a", "agent-inject-secret-x": "secret/data/mine" },
        at: "templates",
        shows: "/etc/flyte/secrets/a",
      },
    ],
    template: [
      { annotations: { "agent-inject-template-x": code }, at: "templates", shows: OTHER, prints: STOLEN },
      { annotations: { "agent-inject-template-ID": code }, at: "templates", shows: OTHER, prints: STOLEN },
      { annotations: { "agent-inject-template-file-x": "/own/t" }, at: "templates", shows: "/own/t" },
    ],
    command: [
      {
        annotations: { "agent-inject-command-ID": "cp /home/vault/.vault-token /own" },
        at: "commands",
        shows: "cp /home/vault",
      },
      { annotations: { "agent-image": "evil.example/agent" }, at: "commands", shows: "evil.example/agent" },
    ],
    token: [
      { annotations: { "agent-inject-token": "true" }, at: "sinks", shows: "/etc/flyte/secrets/token" },
      {
        annotations: { "agent-cache-enable": "true", "agent-cache-use-auto-auth-token": "force" },
        at: "proxies",
        shows: "force",
      },
    ],
    volume: [
      { annotations: { "agent-copy-volume-mounts": "main" }, at: "agentMounts", shows: '"name":"own"' },
      { annotations: { "agent-extra-secret": "of-another-team" }, at: "sources", shows: "of-another-team" },
    ],
    patch: [
      {
        annotations: {
          "agent-init-json-patch":
            '[{"op":"replace","path":"/args","value":["cat /home/vault/.vault-token"]}]',
        },
        at: "agents",
        shows: "cat /home/vault/.vault-token",
      },
      { annotations: { "agent-run-as-user": "1234" }, at: "agents", shows: '"runAsUser":1234' },
    ],
  };

const policyOf = (policy: Partial<Settings["policy"]>): Settings => ({
  ...DEFAULT_SETTINGS,
  policy: { ...DEFAULT_SETTINGS.policy, ...policy },
});
const cases = Object.entries(MEANS).flatMap(([kind, all]) =>
  all.map((means) => [kind, Object.keys(means.annotations).join(" and "), means] as const),
);

async function toKeys({ annotations }: Means): Promise<Record<string, string>> {
  const [id = ""] = await fileIds([mine]);
  return Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [VAULT_DOMAIN + name.replace(/ID$/, id), value]),
  );
}

describe.each(cases)("%s: %s", (_, __, means) => {
  test("works where everything is left to the pod", async () => {
    const { outcome, after } = await admit(createPod(await toKeys(means)));
    expect(outcome.status).toBeUndefined();
    const made = injectInto(after);
    expect(made?.[means.at].join("\n")).toContain(means.shows);
    if (means.prints !== undefined) expect(await made?.render()).toContain(means.prints);
    // The same pod without the annotations does not show it by itself.
    const plain = injectInto((await admit(createPod({}))).after);
    expect(plain?.[means.at].join("\n")).not.toContain(means.shows);
    expect(await plain?.render()).toBe("4b1c-of-my-team");
  });

  test("is refused under hardened, and where it is locked or denied", async () => {
    const own = await toKeys(means);
    const keys = Object.keys(own);
    for (const policy of [{ profile: "hardened" }, { locked: keys }, { denied: keys }] as const) {
      const { outcome } = await admit(createPod(own), policyOf(policy));
      expect([policy, outcome.allowed]).toEqual([policy, false]);
      expect(outcome.status?.message).toContain(keys[0] ?? "");
    }
  });
});

test("annotations that hardened leaves to pods change none of it", async () => {
  const VALUES = [
    "true",
    "false",
    "1",
    "5s",
    "0.5",
    "debug",
    "json",
    "500m",
    "force",
    OTHER,
    code,
    "main",
    "/own",
  ];
  const free = VAULT_ANNOTATIONS.filter(({ name }) => !Object.hasOwn(MEANS, CLASS_OF[name]));
  const [id = ""] = await fileIds([mine]);
  const plain = injectInto((await admit(createPod({}))).after);
  let injected = 0;
  for (const entry of free) {
    const keys =
      "suffixed" in entry ? [vaultKey(entry.name, id), vaultKey(entry.name, "x")] : [vaultKey(entry.name)];
    for (const key of keys) {
      for (const value of VALUES) {
        const { outcome, after } = await admit(
          createPod({ [key]: value }),
          policyOf({ profile: "hardened" }),
        );
        const made = outcome.allowed ? injectInto(after) : undefined;
        if (!made || !plain) continue;
        injected++;
        for (const [fact, found] of Object.entries(made)) {
          if (fact === "render") continue;
          const before = plain[fact as keyof Facts];
          // Leaving out one of the two agents leaves out its facts; nothing may be added.
          expect({
            key,
            value,
            fact,
            added: (found as readonly string[]).filter((one) => !before.includes(one)),
          }).toEqual({ key, value, fact, added: [] });
        }
      }
    }
  }
  expect(injected).toBeGreaterThan(free.length);
});

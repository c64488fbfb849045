/**
 * Pods that try to read another team's secret with annotations of the injector, rendered by the agent's own engine. Each
 * attack works where the platform leaves everything to the pod, or the test would show nothing; under `hardened` it is
 * refused, or what is rendered has nothing of the other team.
 */
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { SecretRequest } from "../../src/core/secret/request.ts";
import type { Settings } from "../../src/core/settings.ts";
import { CLASS_OF } from "../../src/injector/classes.ts";
import { VAULT_ANNOTATIONS, VAULT_DOMAIN, vaultKey } from "../../src/injector/vocabulary.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";
import { withPlugins } from "../host/plugins.ts";
import { fileIds } from "../plugins/ids.ts";
import { findEngine, type Secrets } from "./engine.ts";
import { renderInjected } from "./injected.ts";

setDefaultTimeout(30_000);
beforeAll(findEngine, 300_000);

const OTHER = "secret/data/other";
const STOLEN = "7f3a-of-the-other-team";
const MINE = "4b1c-of-my-team";
const secrets = (request: SecretRequest): Secrets => ({
  [OTHER]: { k: STOLEN },
  [request.group]: { k: MINE },
  "secret/data/mine": { k: MINE },
});
const hardened: Settings = {
  ...DEFAULT_SETTINGS,
  policy: { ...DEFAULT_SETTINGS.policy, profile: "hardened" },
};
const createPolicyEngine = () => withPlugins([{ use: "path-policy", with: {} }]);

/** An engine whose plugin reads another path than the task asked for. */
const createReplaceEngine = () => withPlugins([{ use: "./replace-group.ts", isolate: "none" }]);

const mine = secret({ group: "secret/data/mine", key: "k", group_version: "kv2" });
const code = (left: string, right: string) =>
  `${left} with secret \`${OTHER}\` ${right}${left} .Data.data.k ${right}${left} end ${right}`;
const own = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [VAULT_DOMAIN + name, value]));

interface Attack {
  readonly about: string;
  readonly request: SecretRequest;
  readonly annotations: (id: string) => Record<string, string>;
}

const DELIMITED = secret({ ...mine, group: `secret/data/mine${code("[[", "]]")}` });

/** Attacks that print the other team's secret where nothing guards the platform. */
const ATTACKS: readonly Attack[] = [
  {
    about: "path: a secret of its own",
    request: mine,
    annotations: () => ({ "agent-inject-secret-x": OTHER }),
  },
  {
    about: "template: of its own",
    request: mine,
    annotations: () => ({ "agent-inject-template-x": code("{{", "}}") }),
  },
  {
    about: "template: in place of a request's",
    request: mine,
    annotations: (id) => ({ [`agent-inject-template-${id}`]: code("{{", "}}") }),
  },
  {
    about: "template: delimiters that turn the group into code",
    request: DELIMITED,
    annotations: (id) => ({
      [`agent-template-left-delim-${id}`]: "[[",
      [`agent-template-right-delim-${id}`]: "]]",
    }),
  },
];

async function reviewAttack({ request, annotations }: Attack, settings?: Settings) {
  const [id = ""] = await fileIds([request]);
  const pod = podWith([request], own(annotations(id)));
  const engine = settings ? await createTestEngine(settings) : await createPolicyEngine();
  const outcome = await reviewPod(engine, pod);
  return { outcome, after: applyOutcome(pod, outcome).metadata.annotations };
}

describe.each(ATTACKS.map((attack) => [attack.about, attack] as const))("%s", (_, attack) => {
  test("prints another team's secret where everything is left to the pod", async () => {
    const { outcome, after } = await reviewAttack(attack, DEFAULT_SETTINGS);
    expect(outcome.allowed).toBe(true);
    const { texts } = await renderInjected(after, secrets(attack.request));
    expect(texts.join()).toContain(STOLEN);
  });

  test("is refused under hardened", async () => {
    const { outcome } = await reviewAttack(attack, hardened);
    expect(outcome.status?.message).toContain("policy.profile: hardened");
  });

  test("is refused by path-policy", async () => {
    const { outcome } = await reviewAttack(attack);
    expect(outcome.issues.map((issue) => issue.code)).toContain("plugin:path-policy/foreign");
    expect(outcome.allowed).toBe(false);
  });
});

describe("a pod's own entry for its own request, without a template", () => {
  // In the injector's default template the quote ends the path, and the rest reads the other secret.
  const group = `secret/data/mine" | or (secret "${OTHER}") | or "`;
  const request = secret({ ...mine, group });
  const entry = own({ "agent-inject-secret-a": group, "agent-inject-file-a": `${group}/k` });

  test("reads another team's secret by the injector's default template", async () => {
    const { texts } = await renderInjected(entry, secrets(request));
    expect(texts.join()).toContain(STOLEN);
  });

  test.each([
    ["flyte", DEFAULT_SETTINGS],
    ["hardened", hardened],
  ] as const)("gets our template under %s", async (_, settings) => {
    const pod = podWith([request], entry);
    const outcome = await reviewPod(await createTestEngine(settings), pod);
    expect(outcome.status).toBeUndefined();
    const after = applyOutcome(pod, outcome).metadata.annotations;
    expect(after).toHaveProperty([`${VAULT_DOMAIN}agent-inject-template-a`]);
    const { texts, paths } = await renderInjected(after, secrets(request));
    expect({ texts, paths }).toEqual({ texts: [MINE], paths: [group] });
  });
});

describe("every annotation of the vocabulary, beside a group with template code", () => {
  const GUARDED = Object.keys(CLASS_OF).length;
  // Whatever an annotation takes: delimiters, a path, code, a switch, a number, names of things in the pod.
  const VALUES = ["[[", "]]", OTHER, code("{{", "}}"), "true", "force", "1", "main", "json", "/x"];

  test("is refused under hardened, or what is rendered has nothing of the other team", async () => {
    const engine = await createTestEngine(hardened);
    const [id = ""] = await fileIds([DELIMITED]);
    const rendered = new Set<string>();
    let refused = 0;
    for (const entry of VAULT_ANNOTATIONS) {
      const keys = "suffixed" in entry ? [vaultKey(entry.name, id), vaultKey(entry.name, "x")] : [];
      if (keys.length === 0 || "suffixOptional" in entry) keys.push(vaultKey(entry.name));
      for (const key of keys) {
        for (const value of VALUES) {
          const pod = podWith([DELIMITED], { [key]: value });
          const outcome = await reviewPod(engine, pod);
          if (!outcome.allowed) refused++;
          else {
            const { metadata } = applyOutcome(pod, outcome);
            const agent = Object.entries(metadata.annotations).filter(([k]) =>
              /agent-(inject|template)-/.test(k),
            );
            rendered.add(JSON.stringify(Object.fromEntries(agent)));
          }
        }
      }
    }
    expect(refused).toBeGreaterThan(GUARDED);
    expect(rendered.size).toBeGreaterThan(1);
    for (const annotations of rendered) {
      const { texts, paths } = await renderInjected(JSON.parse(annotations), secrets(DELIMITED));
      expect({ annotations, texts, paths }).toEqual({ annotations, texts: [MINE], paths: [DELIMITED.group] });
    }
  });
});

describe("files", () => {
  const names = (outcome: Awaited<ReturnType<typeof reviewPod>>) => outcome.issues.map(({ code: c }) => c);
  const a = secret({ group: "secret/data/a", key: "k", group_version: "kv2" });
  const b = secret({ group: "secret/data/b", key: "k", group_version: "kv2" });

  test("one request's id cannot point at another request's file", async () => {
    const [id = ""] = await fileIds([a]);
    const pod = podWith([a, b], own({ [`agent-inject-file-${id}`]: "secret/data/b/k" }));
    const outcome = await reviewPod(await createTestEngine(), pod);
    expect(names(outcome)).toContain("secret.carried");
    expect(outcome.allowed).toBe(false);
  });

  test("one request's id cannot name another path", async () => {
    const [id = ""] = await fileIds([a]);
    const outcome = await reviewPod(
      await createTestEngine(),
      podWith([a], own({ [`agent-inject-secret-${id}`]: OTHER })),
    );
    expect(names(outcome)).toContain("secret.carried");
    expect(outcome.allowed).toBe(false);
  });

  const flytekit: Settings = {
    ...DEFAULT_SETTINGS,
    policy: { ...DEFAULT_SETTINGS.policy, fileNames: "flytekit" },
  };
  test.each(["../../../x", "a//b", "..", "a\nb", "{{ env }}", "/x", "x/"])(
    "a group_version %j does not name a file",
    async (group_version) => {
      const pod = podWith([{ ...a, group_version }]);
      const outcome = await reviewPod(await createTestEngine(flytekit), pod);
      expect(outcome.status?.message).toContain("in its group_version");
      expect((await reviewPod(await createTestEngine(), pod)).allowed).toBe(true);
    },
  );

  test("validates what a plugin replaced: the original group names the file", async () => {
    const replace = await createReplaceEngine();
    for (const group of ["../../escape", "a\u0007b", "{{ env }}", "a//b"]) {
      const outcome = await reviewPod(replace, podWith([{ ...a, group }]));
      expect(outcome.allowed).toBe(false);
      expect(outcome.status?.message).toContain("in its group");
    }
    expect((await reviewPod(replace, podWith([a]))).allowed).toBe(true);
  });

  test("two versions cannot write one file", async () => {
    const pod = podWith([a, { ...b, group: "secret/data", key: "k", group_version: "a" }]);
    const outcome = await reviewPod(await createTestEngine(flytekit), pod);
    expect(outcome.allowed).toBe(false);
  });
});

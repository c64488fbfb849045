/** The pod after the injector, in previews: what it will be stored as, and why it is not. */
import { describe, expect, test } from "bun:test";
import { isObject } from "../../src/core/json.ts";
import type { Settings } from "../../src/core/settings.ts";
import { webPorts } from "../../src/host/ports.ts";
import { type PreviewResult, previewDocuments } from "../../src/preview/answer.ts";
import { readPreviewInput } from "../../src/preview/input/input.ts";
import { renderTable } from "../../src/preview/output/table.ts";
import { createTestEngine, DEFAULT_SETTINGS, podWith, secret } from "../fixtures/engine.ts";
import { FIELD } from "../fixtures/field.ts";
import { goldenInjections } from "../fixtures/golden.ts";

const REQUEST = secret({ group: "secret/data/team", key: "api_key" });

async function preview(object: unknown, settings: Partial<Settings> = {}) {
  const engine = await createTestEngine({ ...DEFAULT_SETTINGS, ...settings });
  const input = readPreviewInput(typeof object === "string" ? object : JSON.stringify(object), webPorts);
  if (!input.ok) return { results: [], stored: [], table: "" };
  const stored: unknown[] = [];
  const { injector } = engine;
  const options = {
    review: engine.review,
    configHash: "",
    injector,
    keepStored: (pod: unknown) => void stored.push(pod),
  };
  const answer = await previewDocuments(input.value, options);
  return { results: answer.results, stored, table: renderTable(answer) };
}

function namesOf(pod: unknown, list: string): unknown[] {
  const spec = isObject(pod) && isObject(pod.spec) ? pod.spec : {};
  const items: unknown = spec[list];
  return Array.isArray(items) ? items.map((item: unknown) => (isObject(item) ? item.name : item)) : [];
}

describe("injected", () => {
  test("has the agent's configuration, and the pod as it will be stored", async () => {
    const { results, stored, table } = await preview(podWith([REQUEST]));
    const { injected } = results[0] ?? {};
    expect(injected).toMatchObject({ version: "1.7.6", allowed: true, message: null });
    expect(injected?.agent?.init?.template?.map(({ destination }) => destination)).toEqual([
      "/etc/flyte/secrets/secret/data/team/api_key",
    ]);
    expect(injected?.agent?.init?.auto_auth.method.config).toMatchObject({ role: "flyte" });
    expect(namesOf(stored[0], "initContainers")).toEqual(["vault-agent-init"]);
    expect(namesOf(stored[0], "volumes")).toEqual(["kube-api-access", "home-init", "vault-secrets"]);
    expect(table).toContain("init container  vault-agent-init");
    expect(table).toContain("/etc/flyte/secrets in containers[0]");
  });

  test("says in the injector's own words why it refuses the pod", async () => {
    const pod = podWith([REQUEST], { "vault.hashicorp.com/agent-inject-token": "yes" });
    const { results, stored, table } = await preview(pod);
    const message =
      "error creating new agent sidecar: cannot parse '' as bool: strconv.ParseBool: parsing \"yes\": invalid syntax";
    expect(results[0]?.injected).toMatchObject({ allowed: false, message, patch: [], agent: null });
    expect(stored).toEqual([undefined]);
    expect(table).toContain(message);
  });

  test("says that a pod is left alone", async () => {
    const pod = podWith([REQUEST], { "vault.hashicorp.com/agent-inject": "false" });
    expect((await preview(pod)).results[0]?.injected).toMatchObject({
      allowed: true,
      message: expect.stringContaining("left alone"),
    });
  });

  test("follows the options of the configuration's injector", async () => {
    const flags = {
      "vault-address": "https://vault.internal:8200",
      "run-as-user": "500",
      AGENT_INJECT_VAULT_IMAGE: "v:1",
    };
    const { results, stored } = await preview(podWith([REQUEST]), { injector: { version: "1.7.6", flags } });
    expect(results[0]?.injected?.agent?.init?.vault.address).toBe("https://vault.internal:8200");
    expect(JSON.stringify(stored[0])).toContain('"image":"v:1"');
    expect(JSON.stringify(stored[0])).toContain('"runAsUser":500');
  });

  test("a pod that asks for nothing has none", async () => {
    const { results, stored } = await preview(podWith([]));
    expect(results[0]?.injected).toBeUndefined();
    expect(namesOf(stored[0], "containers")).toEqual(["main"]);
  });
});

describe("every pod through us and the model", () => {
  const served = (result: PreviewResult | undefined) => result?.allowed === true && result.patch.length > 0;

  test("Flyte's own: each file that was promised has a template with this destination", async () => {
    let injectedPods = 0;
    for (const { pod } of goldenInjections) {
      const [result] = (await preview(pod)).results;
      const { injected } = result ?? {};
      if (!result || !served(result) || injected?.allowed !== true || !injected.agent?.init) continue;
      injectedPods++;
      const destinations = injected.agent.init.template?.map(({ destination }) => destination) ?? [];
      const files = result.requests.flatMap((request) => request.files.map(({ path }) => path));
      for (const path of files) expect(destinations.some((one) => one.endsWith(`/${path}`))).toBe(true);
    }
    expect(injectedPods).toBeGreaterThan(100);
  });

  test("the field's: every good one is injected", async () => {
    for (const { objects, isOk } of FIELD) {
      for (const text of Object.values(objects)) {
        const { results, stored } = await preview(text);
        for (const [i, result] of results.entries()) {
          if (!isOk) continue;
          expect(result.injected).toMatchObject({ allowed: true, message: null });
          expect(namesOf(stored[i], "initContainers")).toContain("vault-agent-init");
        }
      }
    }
  });
});

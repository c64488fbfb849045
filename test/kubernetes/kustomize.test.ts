import { describe, expect, test } from "bun:test";
import { COMPONENTS, type Component } from "../../src/kubernetes/components.ts";
import { combine, type Part, parseKustomization } from "../../src/kubernetes/kustomize.ts";
import { readParts } from "../../src/kubernetes/read.ts";
import { valueAt } from "../../src/kubernetes/tree.ts";

const HEAD = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

test.each([
  ["namePrefix: x-\n", "namePrefix"],
  ["replacements: []\n", "replacements"],
  ["patches: [{ path: x.yaml }]\n", "patch"],
])("what `manifests` does not know of kustomize is a defect rather than left out: %j", (more, named) => {
  expect(() => parseKustomization(HEAD + more)).toThrow(named);
});

test("an operation of JSON Patch that is not known throws, too", () => {
  const patch = "- { op: remove, path: /data }";
  const kustomization = parseKustomization(
    `${HEAD}resources: [a.yaml]\npatches: [{ target: { kind: ConfigMap }, patch: "${patch}" }]\n`,
  );
  const texts = new Map([["a.yaml", "kind: ConfigMap\n"]]);
  const part: Part = { kustomization, texts, folders: new Map() };
  expect(() => combine([part])).toThrow();
});

test("every shipped component can be read and put together", async () => {
  const manifests = combine(await readParts(COMPONENTS));
  const kinds = manifests.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "Deployment")).toHaveLength(2);
  expect(kinds).toContain("ServiceMonitor");
  expect(kinds).not.toContain("Secret");
});

describe("a registration", () => {
  const CHOICES: readonly Component[] = ["cert-manager", "observe", "injection-guard", "monitoring"];
  const subsets = Array.from({ length: 2 ** CHOICES.length }, (_, chosen) =>
    CHOICES.filter((_, index) => chosen & (1 << index)),
  );
  const render = async (names: readonly Component[], authority: boolean) =>
    combine(await readParts(names, { authority })).filter(
      ({ kind }) => kind === "MutatingWebhookConfiguration",
    );

  test.each(subsets)("comes only with what brings an authority: %j", async (...names) => {
    const rendered =
      names.includes("observe") && !names.includes("cert-manager") ? [] : await render(names, false);
    const injected = rendered.map((one) =>
      valueAt(one, ["metadata", "annotations", "cert-manager.io/inject-ca-from"]),
    );
    expect(injected).toEqual(
      names.includes("cert-manager") ? ["flyte-vault-webhook/flyte-vault-webhook-tls"] : [],
    );
  });

  test("is there once for a caller's own authority", async () => {
    expect(await render([], true)).toHaveLength(1);
  });

  test.each([["observe"], ["injection-guard-deny"]] as const)(
    "%s is refused without what it changes",
    async (name) => {
      const [base, part] = await readParts([name]);
      expect(() => combine([base, part].filter((one) => one !== undefined))).toThrow(
        "no object for the patch",
      );
    },
  );
});

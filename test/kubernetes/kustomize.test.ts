import { expect, test } from "bun:test";
import { COMPONENTS } from "../../src/kubernetes/components.ts";
import { combine, type Part, parseKustomization } from "../../src/kubernetes/kustomize.ts";
import { readParts } from "../../src/kubernetes/read.ts";

const HEAD = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

test.each([
  ["namePrefix: x-\n", "namePrefix"],
  ["replacements: []\n", "replacements"],
  ["patches: [{ path: x.yaml }]\n", "target"],
])("what `manifests` does not know of kustomize is a defect rather than left out: %j", (more, named) => {
  expect(() => parseKustomization(HEAD + more)).toThrow(named);
});

test("an operation of JSON Patch that is not known throws, too", () => {
  const patch = "- { op: remove, path: /data }";
  const kustomization = parseKustomization(
    `${HEAD}resources: [a.yaml]\npatches: [{ target: { kind: ConfigMap }, patch: "${patch}" }]\n`,
  );
  const part: Part = { kustomization, texts: new Map([["a.yaml", "kind: ConfigMap\n"]]) };
  expect(() => combine([part])).toThrow();
});

test("every shipped component can be read and put together", async () => {
  const manifests = combine(await readParts(COMPONENTS));
  const kinds = manifests.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "Deployment")).toHaveLength(2);
  expect(kinds).toContain("ServiceMonitor");
  expect(kinds).not.toContain("Secret");
});

import { describe, expect, test } from "bun:test";
import { getByPointer } from "../../src/core/patch/pointer.ts";
import { type PreviewAnswer, previewDocuments } from "../../src/preview/answer.ts";
import type { PreviewInput } from "../../src/preview/input/input.ts";
import {
  allowed,
  applyIndependently,
  createReview,
  FORMS,
  POD,
  readGood,
  refused,
  SPARK,
  TEMPLATE,
  workload,
} from "./fixtures.ts";

function preview(input: PreviewInput, review = createReview().review): Promise<PreviewAnswer> {
  return previewDocuments(input, { review, configHash: "hash" });
}

describe("previewDocuments", () => {
  test.each(FORMS)("gives a patch for a %s that applies to the given document", async (_, form) => {
    const input = readGood(form);
    const before = structuredClone(input.documents);
    const answer = await preview(input);
    expect(answer.results).toHaveLength(input.targets.length);
    answer.results.forEach(({ patch, object }, i) => {
      const target = input.targets[i];
      const document = input.documents[target?.document ?? -1];
      const applied = applyIndependently(document, patch);
      expect(object).toEqual(getByPointer(applied, target?.owner ?? ""));
      expect(JSON.stringify(getByPointer(applied, target?.pointer ?? ""))).toContain("acme.io/team");
    });
    expect(input.documents).toEqual(before);
  });

  test("maps the patch of a Spark driver to its own fields", async () => {
    const input = readGood({
      apiVersion: "sparkoperator.k8s.io/v1beta2",
      kind: "SparkApplication",
      spec: { driver: SPARK },
    });
    const { results } = await preview(input);
    expect(results[0]?.object).toMatchObject({
      spec: {
        driver: {
          labels: SPARK.labels,
          annotations: { "flyte.secrets/s0": "y", "acme.io/team": "a" },
          env: [{ name: "NEW", value: "n" }],
          sidecars: [{ name: "side", env: [{ name: "NEW", value: "n" }] }],
        },
      },
    });
  });

  test("answers with the contract's fields", async () => {
    const answer = await preview(readGood(POD));
    expect(Object.keys(answer)).toEqual(["version", "configHash", "results"]);
    expect(answer).toMatchObject({ version: 1, configHash: "hash" });
    const [result] = answer.results;
    expect(Object.keys(result ?? {})).toEqual(
      "kind name namespace allowed issues requests annotations env warnings patch object plugins injected".split(
        " ",
      ),
    );
    expect(result).toMatchObject({
      kind: "Pod",
      name: "a",
      namespace: "default",
      allowed: true,
      warnings: ["careful"],
    });
    expect(Object.keys(result?.requests[0] ?? {})).toEqual(
      "annotation group group_version key mount_requirement env_var files".split(" "),
    );
    expect(result?.requests[0]?.mount_requirement).toBe("FILE");
  });

  test("asks for what the API server would ask for", async () => {
    const { asked, review } = createReview();
    await preview(readGood(workload(["apps/v1", "Deployment", { spec: { template: TEMPLATE } }])), review);
    expect(asked).toMatchObject([
      { operation: "CREATE", namespace: "team", dryRun: true, object: { kind: "Pod" } },
    ]);
  });

  test("keeps the request of an AdmissionReview", async () => {
    const { asked, review } = createReview(() => allowed([]));
    const request = { uid: "u", operation: "UPDATE", namespace: "ns", object: POD };
    await preview(readGood({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }), review);
    expect(asked).toMatchObject([{ uid: "u", operation: "UPDATE", namespace: "ns", object: POD }]);
  });

  test("names the place of an issue in the given document", async () => {
    const { review } = createReview(() => refused());
    const deployment = workload(["apps/v1", "Deployment", { spec: { template: TEMPLATE } }]);
    const { results } = await preview(readGood(deployment), review);
    expect(results[0]).toMatchObject({ allowed: false, patch: [], object: deployment });
    expect(results[0]?.issues.map(({ path }) => path)).toEqual([
      "/spec/template/metadata/annotations/a",
      "webhook.role",
    ]);
  });

  test("yields between objects, in input order", async () => {
    const events: string[] = [];
    const input = readGood(
      [POD, POD, POD].map((pod, i) => ({ ...pod, metadata: { ...pod.metadata, name: `p${i}` } })),
    );
    const answer = await previewDocuments(input, {
      configHash: "",
      review: async () => {
        events.push("review");
        return allowed();
      },
      yieldControl: async () => {
        events.push("yield");
      },
    });
    expect(events).toEqual(["review", "yield", "review", "yield", "review"]);
    expect(answer.results.map(({ name }) => name)).toEqual(["p0", "p1", "p2"]);
  });
});

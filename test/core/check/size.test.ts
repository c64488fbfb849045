/** Kubernetes counts bytes; a text has fewer units than bytes where it is not ASCII. */
import { describe, expect, test } from "bun:test";
import { ANNOTATIONS_LIMIT } from "../../../src/core/check/size.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../../fixtures/engine.ts";

const REQUEST = secret({ group: "team", key: "token", group_version: "kv1" });
/** Characters by how many bytes of UTF-8 they take. */
const CHARACTERS = [
  ["a", 1],
  ["é", 2],
  ["密", 3],
  ["😀", 4],
] as const;

/** Reviews a pod that carries so many bytes itself, under a configuration that adds so many. */
async function review(character: string, width: number, own: number, added: number, ascii = 0) {
  const fill = (bytes: number) => character.repeat(Math.round(bytes / width));
  const annotations = { "acme.io/added": fill(added), "acme.io/ascii": "a".repeat(ascii) };
  const vaultSecretManager = { ...DEFAULT_SETTINGS.webhook.vaultSecretManager, annotations };
  const engine = await createTestEngine({ ...DEFAULT_SETTINGS, webhook: { vaultSecretManager } });
  const pod = podWith([REQUEST], { "acme.io/own": fill(own) });
  return { pod, outcome: await reviewPod(engine, pod) };
}

/** @returns bytes of annotations, counted without the code under test */
function measure(annotations: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(Object.entries(annotations).flat().join(""));
}

describe.each(CHARACTERS)("annotations of %j, %i bytes each", (character, width) => {
  test.each([
    ["the pod's own", 300_000, 0, 0],
    ["the pod's own, and few that are added", 195_000, 75_000, 0],
    ["few of the pod's own, and those that are added", 40_000, 230_000, 0],
    ["those that are added", 0, 300_000, 0],
    ["the pod's own, and ASCII that is added", 195_000, 0, 80_000],
  ])("over the limit by %s: refused", async (_, own, added, ascii) => {
    const { outcome } = await review(character, width, own, added, ascii);
    expect(outcome.issues[0]?.code).toBe("pod.annotations-too-large");
    expect(outcome.status?.code).toBe(413);
  });

  test.each([
    ["the pod's own", 255_000, 0],
    ["both", 130_000, 125_000],
    ["those that are added", 0, 255_000],
  ])("just within the limit by %s: allowed", async (_, own, added) => {
    const { pod, outcome } = await review(character, width, own, added);
    expect(outcome.status).toBeUndefined();
    const bytes = measure(applyOutcome(pod, outcome).metadata.annotations);
    expect(bytes).toBeGreaterThan(ANNOTATIONS_LIMIT * 0.97);
    expect(bytes).toBeLessThanOrEqual(ANNOTATIONS_LIMIT);
  });
});

test("checkSize: the last byte that fits, and the first that does not", async () => {
  const bytesWith = async (own: number) => {
    const { pod, outcome } = await review("a", 1, own, 10);
    return outcome.allowed
      ? measure(applyOutcome(pod, outcome).metadata.annotations)
      : outcome.status?.message;
  };
  const other = Number(await bytesWith(1_000)) - 1_000;
  const most = ANNOTATIONS_LIMIT - other;
  expect(await bytesWith(most)).toBe(ANNOTATIONS_LIMIT);
  const { pod, outcome } = await review("a", 1, most, 10);
  const second = await reviewPod(await createTestEngine(), applyOutcome(pod, outcome));
  expect([second.status, second.patch]).toEqual([undefined, ""]);
  expect(await bytesWith(most + 1)).toContain(` take ${ANNOTATIONS_LIMIT + 1} bytes`);
});

/** What the engine keeps of pods it has seen is bounded by what they ask for, not by what else they have much of. */
import { expect, test } from "bun:test";
import { isObject } from "../../src/core/json.ts";
import { encodeRequests } from "../../src/core/secret/codec.ts";
import { webPorts } from "../../src/host/ports.ts";
import { createTestEngine, reviewPod, secret } from "../fixtures/engine.ts";
import { DIMENSIONS } from "../fixtures/hostile.ts";

const PODS = 60;
const SIZE = 60_000;
/** A plan with its requests, layers and texts; more is what a pod has besides. */
const MOST_BYTES = { aPod: 100_000, aRequest: 1_000 };

function measureHeap(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed;
}

/** @returns the pod of a dimension with one more request, which no other has */
function tellApart(object: unknown, index: number): unknown {
  if (!isObject(object) || !isObject(object.metadata)) return object;
  const own = secret({ group: `secret/data/own${index}`, key: "k", group_version: "kv2" });
  const [text] = Object.values(encodeRequests([own], webPorts.encodeUtf8));
  const annotations = { ...Object(object.metadata.annotations), "flyte.secrets/s99999": text };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

const outside = DIMENSIONS.filter(({ inAnnotations }) => !inAnnotations);

test.each(outside.map((dimension) => [dimension.name, dimension] as const))(
  "%s",
  async (_, dimension) => {
    const engine = await createTestEngine();
    const { object, requests } = dimension.create(SIZE);
    // The second sight of a pod is what is kept.
    const see = async (index: number) => {
      const pod = tellApart(object, index);
      for (let i = 0; i < 2; i++) await reviewPod(engine, pod);
    };
    for (let i = 0; i < 10; i++) await see(PODS + i);
    const before = measureHeap();
    for (let i = 0; i < PODS; i++) await see(i);
    expect((measureHeap() - before) / PODS).toBeLessThan(MOST_BYTES.aPod + requests * MOST_BYTES.aRequest);
  },
  60_000,
);

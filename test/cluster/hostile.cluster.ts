/**
 * Pods of hostile authors through a real API server, on every runtime: each is answered, and the good pods that are created beside
 * them are neither late nor lost. Pods that no webhook is called for are created beside them, too: they tell what of the time
 * the API server takes itself.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { isObject } from "../../src/core/json.ts";
import { listAttacks } from "../fixtures/attacks.ts";
import { DIMENSIONS } from "../fixtures/hostile.ts";
import { RUNTIMES, type Runtime } from "../fixtures/runtimes.ts";
import { headOf, openRaw } from "../server/raw.ts";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { flytePod, hasSecrets, type Pod } from "./fixture/pod.ts";
import { until } from "./fixture/process.ts";
import { register, unregister, untilRegistered } from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

const PODS = "/api/v1/namespaces/default/pods?dryRun=All";
const OURS = 'admission webhook "secrets.flyte-vault-webhook.io" denied the request';
/**
 * The API server takes 256 KiB of annotations. The rest grows fifty times when it fills in defaults, and what is longer than
 * 7 MiB then is refused unread.
 */
const SIZES = { annotations: 230_000, rest: 60_000 };
const PAUSE_MS = 20;
const MOST_RSS_MIB = 350;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
}, 900_000);

afterAll(() => cluster?.stop());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

async function create(pod: unknown): Promise<Answer> {
  const start = performance.now();
  const response = await cluster.request("POST", PODS, pod);
  const text = await response.text();
  return { status: response.status, text, ms: performance.now() - start };
}

/** A pod as a hostile author would send it: Flyte's label makes the API server call the webhook. */
function asSent(object: unknown, name: string): unknown {
  if (!isObject(object) || !isObject(object.metadata)) return object;
  const { namespace: _, ...metadata } = object.metadata;
  const labels = { ...(isObject(metadata.labels) ? metadata.labels : {}), "inject-flyte-secrets": "true" };
  return { ...object, metadata: { ...metadata, name, labels } };
}

interface Beside {
  /** Milliseconds of good pods, in order. */
  readonly good: readonly number[];
  /** Of pods that no webhook is called for. */
  readonly control: readonly number[];
}

/** Creates good pods, and others that no webhook is called for, while something else happens. */
async function beside(attack: () => Promise<void>): Promise<Beside> {
  const good: number[] = [];
  const control: number[] = [];
  let isOver = false;
  const controlPod = { ...flytePod("control"), metadata: { name: "control" } };
  const work = async (pod: () => object, times: number[], check: (answer: Answer) => void) => {
    while (!isOver) {
      const answer = await create(pod());
      check(answer);
      times.push(answer.ms);
      await Bun.sleep(PAUSE_MS);
    }
  };
  const working = Promise.all([
    work(
      () => flytePod(`good-${good.length}`),
      good,
      ({ status, text }) => {
        expect([status, text]).toEqual([201, expect.stringContaining("agent-inject-file-")]);
        expect(hasSecrets(JSON.parse(text) as Pod)).toBe(true);
      },
    ),
    work(
      () => controlPod,
      control,
      ({ status }) => expect(status).toBe(201),
    ),
  ]);
  try {
    await Promise.race([attack(), working]);
  } finally {
    isOver = true;
  }
  await working;
  return { good, control };
}

const at = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;

/** A malformed host whose client leaves, and a body that stops: neither may keep a place. */
async function leaveBroken(port: number): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const malformed = await openRaw(port);
    malformed.write(headOf(100).replace("host: localhost", "host: a b"));
    malformed.write("{");
    const unfinished = await openRaw(port);
    unfinished.write(`${headOf(1_000)}{`);
    await Bun.sleep(10);
    malformed.end();
    unfinished.end();
  }
}

async function readMetric(webhook: Webhook, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${webhook.management}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

describe.each(Object.keys(RUNTIMES) as Runtime[])("hostile pods on %s", (runtime) => {
  let webhook: Webhook;

  beforeAll(async () => {
    webhook = await startWebhook({
      folder: cluster.folder,
      runtime,
      config: "policy: { profile: hardened }\n",
    });
    await register(cluster, webhook);
    await untilRegistered(cluster);
  }, 120_000);

  afterAll(async () => {
    await unregister(cluster).catch(() => {});
    expect(await webhook?.stop()).toBe(0);
  });

  test("are answered, each with a reason, and the good ones beside them are neither late nor lost", async () => {
    const attacks = await listAttacks();
    const before = await beside(() => Bun.sleep(3_000));
    let judged = 0;
    const unclear: string[] = [];
    const during = await beside(async () => {
      for (const { name, inAnnotations, create: made } of DIMENSIONS) {
        const { object } = made(inAnnotations ? SIZES.annotations : SIZES.rest);
        const { status, text } = await create(asSent(object, "hostile"));
        // Allowed; or refused by the webhook, or by the API server itself before or after it.
        if (![201, 400, 403, 413, 422].includes(status) || text.includes("failed calling webhook"))
          unclear.push(`${name}: ${status} ${text.slice(0, 400)}`);
        if (text.includes(OURS.replaceAll('"', '\\"')) || status === 201) judged++;
      }
      for (const { name, pod, isRefused } of attacks) {
        const { text } = await create(asSent(pod, "attack"));
        if (text.includes("failed calling webhook")) unclear.push(`${name}: ${text.slice(0, 400)}`);
        expect([name, text.includes(OURS.replaceAll('"', '\\"'))]).toEqual([name, isRefused]);
      }
      await leaveBroken(webhook.port);
    });
    await until(
      "nothing is under way",
      async () => (await readMetric(webhook, "flyte_vault_webhook_admission_in_flight")) === 0,
    );
    const after = await beside(() => Bun.sleep(3_000));
    const rss =
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${webhook.pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;
    const say = ({ good, control }: Beside) =>
      `p50 ${at(good, 0.5).toFixed(0)}, p95 ${at(good, 0.95).toFixed(0)}, longest ${at(good, 1).toFixed(0)} ms (without the webhook ${at(control, 0.5).toFixed(0)}, ${at(control, 0.95).toFixed(0)}, ${at(control, 1).toFixed(0)})`;
    process.stdout.write(
      `    ${runtime}: ${judged} of ${DIMENSIONS.length} judged by the webhook; before ${say(before)}; beside hostile ones ${say(during)}; after ${say(after)}; RSS at most ${rss.toFixed(0)} MiB\n`,
    );

    expect(unclear).toEqual([]);
    expect(judged).toBeGreaterThan(DIMENSIONS.length / 2);
    // Beside what the API server takes itself for such pods; the webhook has 10 s.
    expect(at(during.good, 0.95)).toBeLessThan(
      3 * Math.max(at(during.control, 0.95), at(before.good, 0.95)) + 100,
    );
    expect(at(during.good, 1)).toBeLessThan(2_000 + at(during.control, 1));
    expect(at(after.good, 0.5)).toBeLessThan(2 * at(before.good, 0.5) + 20);
    expect(rss).toBeLessThan(MOST_RSS_MIB);
    expect(await readMetric(webhook, "flyte_vault_webhook_detached_failures_total")).toBe(0);
    expect(await webhook.log()).not.toMatch(/"defect"|detached failure/);
  }, 300_000);
});

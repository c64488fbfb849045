/** Lists of pods as kubectl prints them: reading them item by item against parsing the whole text, and a report's memory. */
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { createItemReader } from "../../src/preview/input/items.ts";
import { createStoredPods } from "../migrate/stored.ts";
import { measureCost } from "./cost.ts";
import { median, type Row } from "./row.ts";

const PODS = 10_000;
/** The YAML parser needs gigabytes for 10,000 pods, so the ratio is measured with a tenth. */
const YAML_PODS = 1_000;
const ROUNDS = 5;
const PIECE = 65_536;
const MOST_BYTES = 400 * 1024 * 1024;
const ROOT = join(import.meta.dir, "../..");

/** Measures the reader of `migrate report` and `preview`. */
export async function* measureLists(): AsyncGenerator<Row> {
  const pods = createPods();
  for (const [form, text] of [
    ["indented JSON", JSON.stringify(toList(pods), null, 4)],
    ["JSON", JSON.stringify(toList(pods))],
  ] as const)
    yield compare(`${PODS} pods as ${form}: reader / JSON.parse`, text, JSON.parse);
  const yaml = toYaml(pods.slice(0, YAML_PODS));
  const parse = (text: string) => parseAllDocuments(text).map((document) => document.toJS());
  yield compare(`${YAML_PODS} pods as YAML: reader / parser`, yaml, parse);
  yield await measureMemory("JSON", JSON.stringify(toList(pods), null, 4));
  yield await measureMemory("YAML", toYaml(pods));
}

function compare(name: string, text: string, parse: (text: string) => unknown): Row {
  const bytes = new TextEncoder().encode(text);
  const ratios = Array.from({ length: ROUNDS }, () => {
    const whole = measureCost(() => parse(new TextDecoder().decode(bytes)));
    return measureCost(() => readAll(bytes)) / whole;
  });
  return { name, figure: median(ratios), bar: { atMost: 3 } };
}

function readAll(bytes: Uint8Array): void {
  const reader = createItemReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length; at += PIECE) {
    const items = reader.push(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }));
    if (!items.ok) throw new Error(items.issues[0].message);
  }
  if (!reader.end().ok) throw new Error("The text is incomplete");
}

/** A whole `migrate report` in a process of its own, as a share of 400 MB. */
async function measureMemory(form: string, text: string): Promise<Row> {
  const file = join(tmpdir(), `flyte-vault-webhook-pods-${process.pid}`);
  await Bun.write(file, text);
  const program = [process.execPath, join(ROOT, "src/entry/bun.ts"), "migrate", "report", "-f", file];
  const child = Bun.spawn(program, { stdout: "ignore", stderr: "ignore", cwd: ROOT });
  const used = await watchMemory(child);
  await rm(file);
  if ((child.exitCode ?? 2) > 1) throw new Error(`migrate report ended with ${child.exitCode}`);
  const name = `migrate report of ${PODS} pods as ${form}: share of 400 MB`;
  return { name, figure: used / MOST_BYTES, bar: { atMost: 1 } };
}

/** @returns the most memory of a process in bytes, from Linux; its resource usage would count this process's own at the fork */
async function watchMemory(child: Bun.Subprocess): Promise<number> {
  let most = 0;
  while (child.exitCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    most = Math.max(most, Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
    await Bun.sleep(20);
  }
  return most;
}

/** Stored pods of every shape, with the fields that a cluster adds. */
function createPods(): readonly object[] {
  const stored = [...createStoredPods()];
  return Array.from({ length: PODS }, (_, at) => {
    const pod = stored[at % stored.length]?.pod ?? {};
    return { ...pod, apiVersion: "v1", kind: "Pod", status: STATUS };
  });
}

const STATUS = {
  phase: "Succeeded",
  conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
    ...{ type, status: "True", lastProbeTime: null, lastTransitionTime: "2026-11-26T00:00:00Z" },
  })),
  hostIP: "10.0.0.1",
  podIP: "10.0.0.2",
  qosClass: "Burstable",
};

function toList(items: readonly object[]): object {
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}

function toYaml(pods: readonly object[]): string {
  const items = pods.map(
    (pod) => `- ${stringify(pod, { lineWidth: 0 }).trimEnd().replaceAll("\n", "\n  ")}\n`,
  );
  return `apiVersion: v1\nitems:\n${items.join("")}kind: List\n`;
}

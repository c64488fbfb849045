/**
 * Every pod that Flyte's own code was tried with gets the same annotations from /mutate, /preview, the command line, and the
 * page: what it sends, and the lines that it shows. The page in Chromium is `browser/golden.browser.ts`.
 */
import { afterAll, describe, expect, test } from "bun:test";
import fastJsonPatch from "fast-json-patch";
import type { Hono } from "hono";
import * as v from "valibot";
import { createApp } from "../../src/http/app.ts";
import { parseAnswer, type Result } from "../../src/page/answer.ts";
import { EMPTY_INPUTS } from "../../src/page/input/inputs.ts";
import { readInputs } from "../../src/page/input/read.ts";
import { filterBySource } from "../../src/page/text/source.ts";
import { createWorkplace } from "../cli/harness.ts";
import { createTestEngine, settingsOf } from "../fixtures/engine.ts";
import { type GoldenInjection, goldenInjections } from "../fixtures/golden.ts";

const place = createWorkplace({});
afterAll(() => place.remove());

const NAMESPACE = "flytesnacks-development";
const Mutated = v.object({ response: v.object({ allowed: v.boolean(), patch: v.optional(v.string()) }) });

/** The golden pods have no kind of their own: they are pods. */
const toPod = (row: GoldenInjection) => ({ apiVersion: "v1", kind: "Pod", ...row.pod });

interface Apps {
  readonly admission: Hono;
  readonly management: Hono;
}

const apps = new Map<string, Promise<Apps>>();

function appsFor(config: GoldenInjection["config"]): Promise<Apps> {
  const key = JSON.stringify(config);
  const known = apps.get(key) ?? createApps(config);
  apps.set(key, known);
  return known;
}

async function createApps(config: GoldenInjection["config"]): Promise<Apps> {
  const engine = await createTestEngine(settingsOf(config));
  return {
    admission: createApp(engine, { surface: "admission" }),
    management: createApp(engine, { surface: "management" }),
  };
}

/** What became of a pod: its annotations, or `undefined` where it is refused. */
type Annotations = Readonly<Record<string, string>> | undefined;

async function mutate({ admission }: Apps, object: object): Promise<Annotations> {
  const request = { uid: "u", operation: "CREATE", namespace: NAMESPACE, object };
  const body = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
  const headers = { "content-type": "application/json" };
  const answer = await admission.request("/mutate", { method: "POST", headers, body });
  const { response } = v.parse(Mutated, await answer.json());
  if (!response.allowed) return undefined;
  const patch = JSON.parse(response.patch === undefined ? "[]" : atob(response.patch));
  return annotationsOf(fastJsonPatch.applyPatch(structuredClone(object), patch).newDocument);
}

/** @returns `undefined` where the input is refused as a whole, since it is no pod */
async function preview({ management }: Apps, body: string): Promise<Result | undefined> {
  const answer = await management.request("/preview", { method: "POST", body });
  const [result, ...more] = parseAnswer(await answer.text())?.results ?? [];
  expect([answer.status, more]).toEqual([result ? 200 : 400, []]);
  return result;
}

/** As the page does: the text is read, what it sends is sent, and its lines are those of the tab Annotations. */
async function showOnPage(apps: Apps, object: object): Promise<Annotations> {
  const reading = readInputs({ ...EMPTY_INPUTS, pod: JSON.stringify(object, null, 2) });
  if (reading.kind !== "ready") return undefined;
  const result = await preview(apps, reading.body);
  if (!result?.allowed) return undefined;
  // A pod that asks for nothing is left alone, and there is nothing to say about who decided its lines.
  if (result.requests.length === 0 && result.patch.length === 0) return annotationsOf(result.object);
  return Object.fromEntries(
    filterBySource(result.annotations, undefined).map(({ key, value }) => [key, value]),
  );
}

/** As a person does in a terminal, with Flyte's configuration section in a file. */
async function runCommand({ config }: GoldenInjection, object: object): Promise<Annotations> {
  place.write("golden.json", JSON.stringify({ webhook: { vaultSecretManager: config } }));
  const stdin = JSON.stringify(object);
  const { stdout } = await place.run(["preview", "-f", "-", "-o", "json", "--config", "golden.json"], {
    stdin,
  });
  const [result] = parseAnswer(stdout)?.results ?? [];
  return result?.allowed ? annotationsOf(result.object) : undefined;
}

const Annotated = v.object({
  metadata: v.object({ annotations: v.record(v.string(), v.nullable(v.string())) }),
});

/** A null value counts as an empty text, and no annotations as none. */
function annotationsOf(object: unknown): Annotations {
  const found = v.safeParse(Annotated, object);
  if (!found.success) return {};
  const { annotations } = found.output.metadata;
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, value ?? ""]));
}

describe("golden inject.jsonl", () => {
  test("has pods that are changed, left alone, and refused", async () => {
    const outcomes = await Promise.all(
      goldenInjections.map(async (row) => {
        const found = await mutate(await appsFor(row.config), toPod(row));
        return found === undefined
          ? "refused"
          : found["vault.hashicorp.com/agent-inject"]
            ? "changed"
            : "left";
      }),
    );
    for (const outcome of ["refused", "changed", "left"])
      expect(new Set<string>(outcomes)).toContain(outcome);
  });

  test.each(goldenInjections.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    const apps = await appsFor(row.config);
    const pod = toPod(row);
    const wanted = await mutate(apps, pod);
    const previewed = await preview(apps, JSON.stringify(pod));
    expect(previewed?.allowed ? annotationsOf(previewed.object) : undefined).toEqual(wanted);
    expect(await showOnPage(apps, pod)).toEqual(wanted);
    expect(await runCommand(row, pod)).toEqual(wanted);
  });
});

/** Golden pods in Chromium: the page shows what /mutate does. A sample; `../golden.test.ts` has all of them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { parseAnswer } from "../../../src/page/answer.ts";
import { createTestEngine, reviewPod, settingsOf } from "../../fixtures/engine.ts";
import { goldenInjections } from "../../fixtures/golden.ts";
import { openStage, type Stage, write } from "./browser.ts";

/** Rows by their configuration; those of the most frequent one share a server. */
const groups = Map.groupBy(goldenInjections, ({ config }) => JSON.stringify(config));
const [rows = []] = [...groups.values()].toSorted((a, b) => b.length - a.length);
const changed = rows.filter((row) => row.changed === true);
const STEP = Math.ceil(changed.length / 12);
const SAMPLE = changed.filter((_, i) => i % STEP === 0).map((row) => [row.name, row] as const);
const config = rows[0]?.config ?? { role: "flyte", kvVersion: "2" as const, annotations: {} };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(`webhook: { vaultSecretManager: ${JSON.stringify(config)} }\n`);
});
afterAll(() => stage?.close());

describe("golden inject.jsonl in Chromium", () => {
  test.each(SAMPLE)("%s", async (_, row) => {
    const pod = { apiVersion: "v1", kind: "Pod", ...row.pod };
    const engine = await createTestEngine(settingsOf(config));
    const { annotations } = (await reviewPod(engine, pod)).explain();
    const { page } = await stage.open();
    await write(page, JSON.stringify(pod));
    await page.locator(".details:not(.outdated) .rows").first().waitFor();
    const keys = await page.locator(".rows").first().locator("th code").allTextContents();
    expect(keys).toEqual(annotations.map(({ key }) => key));
    await page.getByRole("tab", { name: "JSON" }).click();
    const shown = (await page.locator(".json").textContent()) ?? "";
    const [result] = parseAnswer(`{"version":1,"configHash":"","results":[${shown}]}`)?.results ?? [];
    expect(result?.annotations.map(({ key, value }) => [key, value])).toEqual(
      annotations.map(({ key, value }) => [key, value]),
    );
    await page.context().close();
  });
});

test("nothing went wrong on any of these pages", () => {
  expect(SAMPLE.length).toBeGreaterThan(8);
  expect(stage.wrongs()).toEqual([]);
});

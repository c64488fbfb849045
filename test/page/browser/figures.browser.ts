/** How large the page is and how long it takes. Sizes are held to a bar; times depend on the machine, and are printed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { awaitVerdict, openStage, type Stage, write } from "./browser.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const LARGEST_TRANSFER = 250_000;
const ROUNDS = 5;
/** Its annotations come last, so that a line can be added by typing on. */
const POD = `apiVersion: v1
kind: Pod
spec: { containers: [{ name: main, image: task }] }
metadata:
  labels: { inject-flyte-secrets: "true" }
  annotations:
    flyte.secrets/s0: m4zg54lqhiqce32fmnzgk4bpmrqxiyjporswc2jcbjvwk5j1eargc3djfvvwk5jcbi`;

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Milliseconds from the start of the navigation to the first text on the screen. */
async function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const [entry] = list.getEntriesByName("first-contentful-paint");
          if (entry) resolve(entry.startTime);
        }).observe({ type: "paint", buffered: true });
      }),
  );
}

/** Milliseconds from a key to the result that it brings. */
async function keyToResult(page: Page, text: string): Promise<number> {
  await page.evaluate((wanted) => {
    const start = performance.now();
    const seen = new Promise<number>((resolve) => {
      const look = () =>
        document.querySelector(".details:not(.outdated)")?.textContent?.includes(wanted)
          ? resolve(performance.now() - start)
          : requestAnimationFrame(look);
      requestAnimationFrame(look);
    });
    Reflect.set(globalThis, "seen", seen);
  }, text);
  await page.keyboard.insertText(
    `\n      vault.hashicorp.com/namespace: ${text}`.replace("\n      ", "\n    "),
  );
  return page.evaluate((): Promise<number> => Reflect.get(globalThis, "seen"));
}

test("the page is at most 250 kB over the network, and comes in one answer", async () => {
  const response = await fetch(stage.url, { headers: { "accept-encoding": "gzip" }, decompress: false });
  const size = (await response.arrayBuffer()).byteLength;
  const { page, requests } = await stage.open();
  await page.getByRole("heading", { name: "See what a pod would get" }).waitFor();
  process.stderr.write(`page: ${size} bytes with gzip\n`);
  expect(size).toBeLessThanOrEqual(LARGEST_TRANSFER);
  expect(requests).toEqual([stage.url]);
});

test("the first text is on the screen soon, and so is a result after a key", async () => {
  const paints: number[] = [];
  const empties: number[] = [];
  const keys: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { page } = await stage.open();
    paints.push(await firstPaint(page));
    await write(page, POD);
    await awaitVerdict(page, "Allowed");
    keys.push(await keyToResult(page, `team-${round}`));
    const blank = await page.context().newPage();
    await blank.goto("data:text/html,<p>text</p>");
    empties.push(await firstPaint(blank));
    await page.context().close();
  }
  process.stderr.write(
    `page: first text after ${Math.round(median(paints))} ms (a page with one word: ${Math.round(median(empties))} ms); ` +
      `from a key to its result ${Math.round(median(keys))} ms, of which 120 ms are the pause in typing\n`,
  );
  expect(paints.length + keys.length).toBe(2 * ROUNDS);
});

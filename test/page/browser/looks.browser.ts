/** For every eye and hand: dark and light, narrow, keyboard, screen readers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { awaitVerdict, keepScreenshot, loadExample, openStage, type Stage, write } from "./browser.ts";

const AXE = await Bun.file(new URL(import.meta.resolve("axe-core/axe.min.js"))).text();

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

/** What axe finds, each with the elements concerned; best practices included. */
async function findBarriers(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const axe = Reflect.get(globalThis, "axe");
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(
      ({ id, nodes }: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(" | ")}`,
    );
  });
}

const SCENES: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  ["empty", async () => {}],
  [
    "allowed",
    async (page) => {
      await loadExample(page, "A task's pod");
      await awaitVerdict(page, "Allowed");
    },
  ],
  [
    "refused",
    async (page) => {
      await loadExample(page, "A refused pod");
      await awaitVerdict(page, "Refused");
      await page.locator(".explain summary").first().click();
    },
  ],
  [
    "several",
    async (page) => {
      await loadExample(page, "Ray cluster");
      await page.locator(".results").waitFor();
    },
  ],
  [
    "left alone",
    async (page) => {
      await write(page, "kind: Pod\napiVersion: v1\n");
      await awaitVerdict(page, "Left alone");
    },
  ],
  [
    "unreadable",
    async (page) => {
      await write(page, "kind: Pod\napiVersion: [\n");
      await page.locator(".verdict", { hasText: "Unreadable" }).waitFor();
    },
  ],
  ...["Files", "Diff", "After the injector", "Patch", "JSON"].map(
    (tab): [string, (page: Page) => Promise<void>] => [
      tab,
      async (page) => {
        await loadExample(page, "A task's pod");
        await page.getByRole("tab", { name: tab }).click();
        await page.locator(".details:not(.outdated) .pane > *").first().waitFor();
      },
    ],
  ),
];

describe.each(["light", "dark"] as const)(
  "axe finds no barrier in %s, wide and 360 px wide",
  (colorScheme) => {
    test.each(SCENES)("%s", async (name, prepare) => {
      // The page's own policy refuses scripts that it does not know, and axe is one.
      const { page } = await stage.open({ colorScheme, bypassCSP: true });
      await prepare(page);
      await keepScreenshot(page, `${name}-${colorScheme}`);
      await page.evaluate(AXE);
      expect(await findBarriers(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      await keepScreenshot(page, `${name}-${colorScheme}-360`);
      expect(await findBarriers(page)).toEqual([]);
      // Nothing is scrolled sideways but texts in boxes of their own.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    });
  },
);

test("dark and light are different, and follow the system while the page is open", async () => {
  const { page } = await stage.open({ colorScheme: "light" });
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await colour();
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await colour()).not.toBe(light);
});

describe("without a mouse", () => {
  /** Presses Tab until the focus is on what is asked for. */
  async function tabTo(page: Page, text: string): Promise<void> {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return `${element?.getAttribute("aria-label") ?? ""} ${element?.textContent ?? ""}`;
      });
      if (focused.includes(text)) return;
    }
    throw new Error(`Tab does not lead to ${text}`);
  }

  test("an example is loaded, a finding followed and fixed, a tab turned, the editor left again", async () => {
    const { page } = await stage.open();
    await tabTo(page, "Examples");
    await page.keyboard.press("Enter");
    await tabTo(page, "A task's pod");
    await page.keyboard.press("Enter");
    await awaitVerdict(page, "1 warning");
    await tabTo(page, "line 13");
    await page.keyboard.press("Enter");
    await page.keyboard.press("End");
    await page.keyboard.type(" # typed");
    await page.locator(".editor:not([hidden]) .cm-content", { hasText: "# typed" }).waitFor();
    // On a busy machine an answer to an earlier key comes late, and its view would replace the one that is about to be used.
    await page.waitForTimeout(1_000);
    await awaitVerdict(page, "1 warning");
    // The editor is left by Tab, and the next stop is behind it.
    await tabTo(page, "Fix");
    await page.keyboard.press("Enter");
    await page.locator(".verdict:not(.outdated)", { hasNotText: "warning" }).waitFor();
    await tabTo(page, "Annotations");
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Files" }).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("End");
    await page.locator(".json").waitFor();
  });

  test("a menu is closed by Escape, and the focus is where it was", async () => {
    const { page } = await stage.open();
    await tabTo(page, "Examples");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Examples");
    expect(await page.locator("header .menu ul").first().isVisible()).toBe(false);
  });
});

test("nothing moves while an answer comes: no layout shift", async () => {
  const { page } = await stage.open();
  await page.evaluate(() => {
    const shifts: number[] = [];
    Reflect.set(globalThis, "shifts", shifts);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push(Number(Reflect.get(entry, "value")));
    }).observe({ type: "layout-shift", buffered: true });
  });
  await write(page, "secrets: [{ group: secret/data/a, key: b }]");
  await awaitVerdict(page, "Allowed");
  await page.keyboard.insertText(" # changed");
  await page.waitForTimeout(600);
  const shifts = await page.evaluate((): unknown => Reflect.get(globalThis, "shifts"));
  // What a person does not notice, by the Web Vitals.
  expect(
    (Array.isArray(shifts) ? shifts : []).reduce((sum: number, each) => sum + Number(each), 0),
  ).toBeLessThan(0.1);
});

test("nothing went wrong on any of these pages", () => {
  expect(stage.wrongs()).toEqual([]);
});

/** What a person does first: type, look, click a finding. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { EXAMPLES } from "../../../src/page/input/examples.ts";
import { openStage, type Stage, write } from "./browser.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const POD = EXAMPLES[0]?.inputs.pod ?? "";

const verdict = (page: Page) => page.locator(".verdict:not(.outdated)");

describe("typing", () => {
  test("a pod brings its verdict, its issues, and every line with who decided it", async () => {
    const { page, faults } = await stage.open();
    await write(page, POD);
    await verdict(page).filter({ hasText: "Allowed" }).waitFor();
    expect(await verdict(page).textContent()).toContain(
      "The task finds 1 file. 5 annotations come from plugins. 1 warning.",
    );
    for (const source of ["webhook", "s0", "…role", "plugin namespace", "plugin agent-resources", "pod"]) {
      expect(await page.locator(".rows .by", { hasText: source }).count()).toBeGreaterThan(0);
    }
    expect(await page.locator(".lost").textContent()).toContain("configuration");
    expect(faults).toEqual([]);
  });

  test("a change brings another diff", async () => {
    const { page } = await stage.open();
    await write(page, POD);
    await page.getByRole("tab", { name: "Diff" }).click();
    const added = page.locator(".diff .cm-changedLine");
    await added.first().waitFor();
    expect((await added.allInnerTexts()).join("\n")).toContain("vault.hashicorp.com/namespace: team-a");
    await write(page, POD.replace("log-level: debug", "namespace: team-z"));
    await page.locator(".diff", { hasText: "namespace: team-z" }).waitFor();
    expect((await added.allInnerTexts()).join("\n")).not.toContain("namespace: team-a");
  });

  test("the pod is shown as the injector will leave it, by a model that is named", async () => {
    const { page } = await stage.open();
    await write(page, POD);
    await page.getByRole("tab", { name: "After the injector" }).click();
    const pane = page.locator(".pane");
    await pane.getByText("vault-agent-init", { exact: true }).waitFor();
    const text = (await pane.textContent()) ?? "";
    expect(text).toMatch(/a model of vault-k8s \d+\.\d+\.\d+/);
    expect(text).toContain('"role": "flyte-role"');
    await write(page, "kind: Pod\napiVersion: v1\n");
    await page.getByRole("tab", { name: "After the injector" }).waitFor({ state: "detached" });
  });

  test("a finding leads to its line, and its fix corrects it", async () => {
    const { page } = await stage.open();
    await write(page, POD);
    await page.getByRole("button", { name: "line 13" }).click();
    const line = await page.evaluate(() => {
      const root = document.querySelector(".editor:not([hidden])")?.shadowRoot;
      return [
        root?.activeElement?.className.includes("cm-content"),
        root?.querySelector(".cm-activeLine")?.textContent,
      ];
    });
    expect(line).toEqual([true, expect.stringContaining("agent-limits-cpuu")]);
    await page.locator(".issue").getByRole("button", { name: "Fix" }).click();
    await verdict(page).filter({ hasNotText: "1 warning" }).waitFor();
    expect(await page.locator(".editor:not([hidden]) .cm-content").textContent()).not.toContain("cpuu");
  });
});

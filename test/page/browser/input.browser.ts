/** Every way to get something into the page, and out of it again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { EXAMPLES } from "../../../src/page/input/examples.ts";
import { awaitVerdict, keepScreenshot, loadExample, openStage, paste, type Stage, write } from "./browser.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const editorText = ".editor:not([hidden]) .cm-content";
const POD = EXAMPLES[0]?.inputs.pod ?? "";

describe("examples", () => {
  test("each is loaded from the menu, and answered", async () => {
    const { page } = await stage.open();
    for (const { name } of EXAMPLES) {
      const answered = page.waitForResponse((response) => response.url().endsWith("/preview"));
      await loadExample(page, name);
      expect([name, (await answered).status()]).toEqual([name, 200]);
      await page.locator(".details:not(.outdated)").waitFor();
      await keepScreenshot(page, `example-${name.replaceAll(/\W+/g, "-").toLowerCase()}`);
    }
    expect(await awaitVerdict(page, "Allowed")).toBeTruthy();
  });

  test("the refused one says which request, why, and what to write", async () => {
    const { page } = await stage.open();
    await loadExample(page, "A refused pod");
    expect(await awaitVerdict(page, "Refused")).toContain("2 requests cannot be served");
    const issues = await page.locator(".issue").allTextContents();
    expect(issues[0]).toContain("flyte.secrets/s0");
    expect(issues.join()).toContain("mount_requirement=Secret.MountType.FILE");
  });
});

describe("a pasted Secret(…)", () => {
  test("becomes a request of the pod in sight, and can be taken back", async () => {
    const { page } = await stage.open();
    await write(
      page,
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: mine # kept\nspec: { containers: [{ name: main, image: task }] }\n",
    );
    expect(await awaitVerdict(page, "Left alone")).toContain("asks for no secrets");
    await paste(page, 'flyte.Secret("api-key", group="secret/data/team", mount="/etc/flyte/secrets")');
    expect(await awaitVerdict(page, "Allowed")).toContain("The task finds 1 file");
    const text = await page.locator(editorText).textContent();
    expect(text).toContain("# kept");
    expect(text).toContain("flyte.secrets/s0");
    expect(text).toContain('inject-flyte-secrets: "true"');
    await page.locator(editorText).click();
    await page.keyboard.press("ControlOrMeta+z");
    await awaitVerdict(page, "Left alone");
  });

  test("becomes an item of the plain form where there is no pod", async () => {
    const { page } = await stage.open();
    await paste(page, 'Secret(group="secret/data/team", key="api_key", group_version="kv2")');
    await awaitVerdict(page, "Allowed");
    expect(await page.getByRole("tab", { name: "Secrets" }).getAttribute("aria-selected")).toBe("true");
    expect(await page.locator(editorText).textContent()).toContain("group: secret/data/team");
  });

  test("is refused as the cluster would refuse it, where it asks for a variable", async () => {
    const { page } = await stage.open();
    await paste(page, 'flyte.Secret("api-key", group="secret/data/team")');
    await awaitVerdict(page, "Refused");
    expect(await page.locator(editorText).textContent()).toContain("ENV_VAR");
  });

  test("other text is pasted as it is", async () => {
    const { page } = await stage.open();
    await page.locator(editorText).click();
    await paste(page, "kind: Secret");
    expect(await page.locator(editorText).textContent()).toBe("kind: Secret");
  });
});

test("a file that is dropped is loaded", async () => {
  const { page } = await stage.open();
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "pod.yaml"));
    document
      .querySelector(".left")
      ?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, POD);
  await awaitVerdict(page, "Allowed");
  expect(await page.locator(".notice").textContent()).toBe("pod.yaml loaded");
});

describe("sharing", () => {
  test("a link brings back what was typed, what if, and the configuration, in another browser", async () => {
    const { page } = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
    await loadExample(page, "Another configuration");
    await page.getByLabel("project").fill("shared-project");
    await awaitVerdict(page, "Allowed");
    await page.getByRole("button", { name: "Share" }).click();
    await page.locator(".notice", { hasText: "Link copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(page.url());
    const other = await stage.open({}, new URL(link).hash);
    await awaitVerdict(other.page, "Allowed");
    expect(await other.page.getByLabel("project").inputValue()).toBe("shared-project");
    expect(await other.page.locator(".rows", { hasText: "candidate-role" }).count()).toBe(1);
    await page.reload();
    await awaitVerdict(page, "Allowed");
  });

  test("a damaged link opens an empty page", async () => {
    const { page } = await stage.open({}, "#s=AAAA");
    await page.getByRole("heading", { name: "See what a pod would get" }).waitFor();
  });
});

test("the answer is copied as a command, and the commands answer the same", async () => {
  const { page } = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await loadExample(page, "kv2");
  await awaitVerdict(page, "Allowed");
  await page.locator("header .menu summary", { hasText: "Copy as" }).click();
  await page.locator("header .menu button", { hasText: "curl" }).click();
  await page.locator(".notice", { hasText: "Copied as curl" }).waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const { stdout } = Bun.spawnSync(["bash", "-c", command]);
  expect(stdout.toString()).toContain("vault.hashicorp.com/namespace: team-a");
});

test("what if: every answer reaches the pod, and the text stays as it was written", async () => {
  const { page } = await stage.open();
  await loadExample(page, "A task's pod");
  await awaitVerdict(page, "Allowed");
  const before = await page.locator(editorText).textContent();
  await page.getByLabel("namespace").fill("other-namespace");
  await page.getByLabel("service account").fill("other-account");
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.locator(".json", { hasText: '"serviceAccountName": "other-account"' }).waitFor();
  expect(await page.locator(".json").textContent()).toContain('"namespace": "other-namespace"');
  expect(await page.locator(editorText).textContent()).toBe(before);
  await page.getByRole("button", { name: "as written" }).click();
  await page.locator(".json", { hasNotText: "other-account" }).waitFor();
});

test("the version of Flyte puts its own client first", async () => {
  const { page } = await stage.open();
  await loadExample(page, "A task's pod");
  await page.getByRole("tab", { name: "Files" }).click();
  await page.locator(".python").first().waitFor();
  expect(await page.locator(".python").first().textContent()).toContain("v2 SDK");
  await page.locator(".segments label", { hasText: "v1" }).click();
  expect(await page.locator(".python").first().textContent()).toContain(
    'current_context().secrets.get("secret/data/team"',
  );
});

test("completion knows the annotations, the plain form and the configuration", async () => {
  const { page } = await stage.open();
  const offers = page.locator(".cm-tooltip-autocomplete li");
  await write(page, "metadata:\n  annotations:\n    vault.hashicorp.com/agent-li");
  await offers.filter({ hasText: "agent-limits-cpu" }).first().waitFor();
  await keepScreenshot(page, "completion");
  await page.getByRole("tab", { name: "Configuration" }).click();
  await write(page, "policy:\n  fileN");
  await offers.filter({ hasText: "fileNames" }).first().waitFor();
  await page.keyboard.press("Enter");
  expect(await page.locator(editorText).textContent()).toContain("fileNames: ");
});

test("nothing went wrong on any of these pages, and nobody else was asked", () => {
  expect(stage.wrongs()).toEqual([]);
});

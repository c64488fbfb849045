/** What goes wrong around the page, and what people do to it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { EXAMPLES } from "../../../src/page/input/examples.ts";
import {
  awaitVerdict,
  CONFIG,
  keepScreenshot,
  loadExample,
  openStage,
  paste,
  type Stage,
  write,
} from "./browser.ts";

const TOKEN = "a-token-of-the-test";
let stage: Stage;
let closed: Stage;
beforeAll(async () => {
  [stage, closed] = await Promise.all([openStage(), openStage(CONFIG, `  preview: { token: ${TOKEN} }\n`)]);
});
afterAll(() => Promise.all([stage?.close(), closed?.close()]));

const PLAIN = "secrets: [{ group: secret/data/a, key: b }]";

describe("the network", () => {
  test("once the page is open, it needs nothing but /preview", async () => {
    const { page, requests } = await stage.open();
    await page.route("**", (route) =>
      route.request().url().endsWith("/preview") ? route.continue() : route.abort(),
    );
    const before = requests.length;
    for (const { name } of EXAMPLES.slice(0, 3)) await loadExample(page, name);
    await paste(page, 'Secret(group="g", key="k")');
    for (const tab of ["Files", "Diff", "Patch", "JSON", "Annotations"]) {
      await page.locator(".details").waitFor();
      await page.getByRole("tab", { name: tab }).click();
    }
    await page.getByRole("button", { name: "Share" }).click();
    await page
      .locator(".notice", { hasText: "Link copied" })
      .or(page.locator(".notice", { hasText: "copy" }))
      .waitFor();
    expect(new Set(requests.slice(before))).toEqual(new Set([`${stage.url}preview`]));
  });

  test("a server that is gone is asked again by itself; the last answer stays, dimmed", async () => {
    const { page, faults } = await stage.open();
    await write(page, PLAIN);
    await awaitVerdict(page, "Allowed");
    await page.route("**/preview", (route) => route.abort());
    await write(page, `${PLAIN} # more`);
    await page.locator(".progress", { hasText: "does not answer; asking again by itself" }).waitFor();
    await page.locator(".details.outdated").waitFor();
    await keepScreenshot(page, "gone");
    await page.unroute("**/preview");
    await page.locator(".details:not(.outdated)").waitFor();
    // Chromium itself writes a line for a request that failed.
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("ERR_FAILED")));
  });

  test("a busy server is asked again by itself", async () => {
    const { page, faults } = await stage.open();
    let asked = 0;
    await page.route("**/preview", (route) =>
      ++asked === 1
        ? route.fulfill({ status: 503, headers: { "retry-after": "1" }, body: "{}" })
        : route.continue(),
    );
    await write(page, PLAIN);
    await page.locator(".progress", { hasText: "is busy; asking again by itself" }).waitFor();
    await awaitVerdict(page, "Allowed");
    expect(asked).toBe(2);
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("503")));
  });

  test("a newer question ends the older one, and a slow one shows that it is worked on", async () => {
    const { page } = await stage.open();
    const failed: string[] = [];
    page.on("requestfailed", (request) => failed.push(request.failure()?.errorText ?? ""));
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    await page.route("**/preview", async (route) => {
      if (++asked === 1) await held;
      await route.continue().catch(() => {});
    });
    await write(page, PLAIN);
    await page.locator(".progress.slow").waitFor();
    await write(page, `${PLAIN}\nproject: p\n`);
    await awaitVerdict(page, "Allowed");
    release();
    expect(failed).toEqual(["net::ERR_ABORTED"]);
  });
});

describe("the token", () => {
  test("is asked for where it is needed, kept in memory only, and not shared", async () => {
    const { page, faults } = await closed.open();
    await write(page, PLAIN);
    await page.getByText("This server answers previews only with its token.").waitFor();
    await keepScreenshot(page, "token");
    const field = page.getByLabel("server.preview.token");
    await field.fill("wrong");
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("The one that was given is not right.").waitFor();
    await field.fill(TOKEN);
    await page.getByRole("button", { name: "Use it" }).click();
    await awaitVerdict(page, "Allowed");
    await page.getByRole("button", { name: "Share" }).click();
    await page.waitForURL(/#s=/);
    const kept = await page.evaluate(() => [
      localStorage.length,
      sessionStorage.length,
      document.cookie,
      location.href,
    ]);
    expect(kept.slice(0, 3)).toEqual([0, 0, ""]);
    await page.reload();
    await page.getByText("This server answers previews only with its token.").waitFor();
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("401")));
  });
});

describe("a candidate configuration", () => {
  test("with errors shows them at their lines, and the last good result stays", async () => {
    const { page, faults } = await stage.open();
    await loadExample(page, "kv2");
    await awaitVerdict(page, "Allowed");
    await page.getByRole("tab", { name: "Configuration" }).click();
    await write(page, "policy:\n  idz: stable\n");
    await page.locator(".verdict", { hasText: "No answer" }).waitFor();
    await page.locator(".details.outdated").waitFor();
    await page.getByRole("button", { name: "line 2" }).click();
    await keepScreenshot(page, "configuration-errors");
    await page.locator(".issue").getByRole("button", { name: "Fix" }).click();
    await awaitVerdict(page, "Allowed");
    await page.locator(".pill.candidate").waitFor();
    await page.getByRole("button", { name: "Use the server's own" }).click();
    await page.locator(".pill.candidate").waitFor({ state: "detached" });
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("400")));
  });
});

describe("hostile and large input", () => {
  const HTML = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

  /** Elements that only a text could have made, in the page and in every shadow root. */
  const countForeign = (page: Page) =>
    page.evaluate(() => {
      const roots = [
        document,
        ...[...document.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ?? []),
      ];
      return roots.reduce(
        (sum, root) =>
          sum + root.querySelectorAll("img:not(.cm-widgetBuffer), #page script, iframe, object, svg").length,
        0,
      );
    });

  test("text never becomes HTML, wherever it comes from", async () => {
    const { page } = await stage.open();
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: {
        ...{ name: HTML, namespace: HTML, labels: { project: HTML, domain: HTML } },
        annotations: {
          "flyte.secrets/s0": "m4zg54lqhiqce32fmnzgk4bpmrqxiyjporswc2jcbjvwk5j1eargc3djfvvwk5jcbi",
          [HTML]: HTML,
          "vault.hashicorp.com/role": HTML,
          [`vault.hashicorp.com/${HTML}`]: HTML,
        },
      },
      spec: {
        serviceAccountName: HTML,
        containers: [{ name: HTML, image: HTML, env: [{ name: HTML, value: HTML }] }],
      },
    };
    await write(page, JSON.stringify([pod, pod], null, 1));
    await page.locator(".details:not(.outdated)").waitFor();
    for (const tab of ["Files", "Diff", "Patch", "JSON", "Annotations"]) {
      await page.getByRole("tab", { name: tab }).click();
      expect([tab, await countForeign(page)]).toEqual([tab, 0]);
    }
    for (const summary of await page.locator(".explain summary, .long summary").all()) await summary.click();
    await write(page, `${HTML}: ${HTML}`);
    await page.locator(".verdict", { hasText: "Unreadable" }).waitFor();
    expect([await countForeign(page), await page.title()]).toEqual([0, expect.not.stringContaining("owned")]);
  });

  test("characters that turn the text around or cannot be seen are shown as escapes", async () => {
    const { page } = await stage.open();
    const name = "a\u202eb\u0007c\u200bd";
    await write(page, JSON.stringify({ secrets: [{ group: `secret/data/${name}`, key: "k" }] }));
    await page.locator(".issue").first().waitFor();
    await page.getByRole("tab", { name: "JSON" }).click();
    const shown = await page.locator(".right").textContent();
    await page.getByRole("tab", { name: "Annotations" }).click();
    expect(await page.locator(".issues").textContent()).not.toMatch(/[\u202e\u200b]/);
    expect(shown).toContain("secret/data/");
  });

  test("a value of 200 KB is answered, and the page stays alive", async () => {
    const { page } = await stage.open();
    const value = "x".repeat(200_000);
    await write(
      page,
      JSON.stringify({
        secrets: [{ group: "secret/data/a", key: "k" }],
        pod: { metadata: { annotations: { "a.example/b": value } } },
      }),
    );
    await awaitVerdict(page, "");
    for (const tab of ["Diff", "JSON", "Annotations"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.locator(".pane > *").first().waitFor();
    }
    await page.locator(".long summary", { hasText: "xxx" }).first().click();
    await page.getByText("more characters").waitFor();
  });

  test("100 objects are listed with a verdict each, and any of them opens", async () => {
    const { page } = await stage.open();
    const pods = [...Array(100).keys()].map((i) => ({
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: {
        ...{ name: `pod-${i}`, labels: { "inject-flyte-secrets": "true" } },
        annotations: {
          "flyte.secrets/s0":
            i === 70 ? "!!!" : "m4zg54lqhiqce32fmnzgk4bpmrqxiyjporswc2jcbjvwk5j1eargc3djfvvwk5jcbi",
        },
      },
      spec: { containers: [{ name: "main", image: "task" }] },
    }));
    await write(page, JSON.stringify({ apiVersion: "v1", kind: "List", items: pods }));
    await page.locator(".results li").nth(99).waitFor();
    expect(await page.locator(".results .word", { hasText: "Refused" }).count()).toBe(1);
    await page.locator(".results button", { hasText: "pod-70" }).click();
    await awaitVerdict(page, "Refused");
    await keepScreenshot(page, "hundred");
  });
});

test("nothing went wrong on any of these pages, and nobody else was asked", () => {
  expect([...stage.wrongs(), ...closed.wrongs()]).toEqual([]);
});

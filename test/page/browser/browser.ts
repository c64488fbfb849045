/** A real Chromium before the real server, and a record of everything that must not happen in it. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { freePort } from "../../fixtures/free-port.ts";

const ROOT = join(import.meta.dir, "../../..");
const CHROMIUM = "/usr/bin/chromium";
/** Without these, a new profile looks up its maker's hosts at every start. */
const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Shows every kind of source: webhook, request, configuration, plugins, and the pod itself. */
export const CONFIG = `webhook:
  vaultSecretManager:
    role: flyte-role
    kvVersion: 2
    annotations:
      vault.hashicorp.com/auth-type: kubernetes
      vault.hashicorp.com/log-level: warn
plugins:
  - use: namespace
    with: { namespace: team-a }
  - use: agent-resources
    with: { requests: { cpu: 25m, memory: 32Mi }, limits: { cpu: 100m, memory: 64Mi } }
`;

/** How long a busy machine may take for one step. */
const PATIENCE_MS = 10_000;

/** A page that is open, and what it did. */
export interface Opened {
  readonly page: Page;
  /** Errors on its console, exceptions, and what its own policy refused. */
  readonly faults: string[];
  /** URLs that it asked for, other than `blob:` and `data:`. */
  readonly requests: string[];
}

/** Longer texts are pasted, as people do: Chromium styles what it inserts itself, which the page's policy refuses. */
const LONGEST_TYPED = 5_000;

/** Types into the editor that is open, in place of what it has. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator(".editor:not([hidden]) .cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  if (text.length > LONGEST_TYPED) await paste(page, text);
  else await page.keyboard.insertText(text);
}

/** Waits for the verdict on the newest input, whose word is given. */
export async function awaitVerdict(page: Page, word: string): Promise<string> {
  const verdict = page.locator(".verdict:not(.outdated)", { hasText: word });
  await verdict.waitFor();
  return (await verdict.textContent()) ?? "";
}

/** Loads an example from the menu. */
export async function loadExample(page: Page, name: string): Promise<void> {
  await page.locator("header .menu summary", { hasText: "Examples" }).click();
  await page.locator("header .menu button", { has: page.getByText(name, { exact: true }) }).click();
}

/** Pastes text where the focus is, as a browser hands it to the page. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    let target = document.activeElement ?? document.body;
    while (target.shadowRoot?.activeElement) target = target.shadowRoot.activeElement;
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    const event = new ClipboardEvent("paste", {
      clipboardData,
      bubbles: true,
      cancelable: true,
      composed: true,
    });
    target.dispatchEvent(event);
  }, text);
}

const SCREENSHOTS = join(import.meta.dir, "../screenshots");

/** Keeps a picture for people to look at. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: "disabled" });
}

/** A browser and a server. */
export interface Stage {
  readonly url: string;
  /** Opens the page in a new profile. */
  readonly open: (options?: BrowserContextOptions, fragment?: string) => Promise<Opened>;
  /** What any page that was opened did wrong: faults, and requests to other hosts. */
  readonly wrongs: () => readonly string[];
  /** Ends both. */
  readonly close: () => Promise<void>;
}

/**
 * Starts both.
 *
 * @param config of the server, without its port
 * @throws where there is no browser, and says how to get one
 */
export async function openStage(config = CONFIG, server = ""): Promise<Stage> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install -y chromium`);
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  const serving = await startServer(folder, config, server);
  const env = { HOME: folder, PATH: process.env.PATH ?? "" };
  const all: Opened[] = [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, env });
  return {
    url: serving.url,
    open: async (options = {}, fragment = "") => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const opened = watch(await context.newPage());
      opened.page.setDefaultTimeout(PATIENCE_MS);
      all.push(opened);
      await opened.page.goto(serving.url + fragment);
      return opened;
    },
    wrongs: () =>
      all.flatMap(({ faults, requests }) => [
        ...faults,
        ...requests.filter((each) => !each.startsWith(serving.url)),
      ]),
    close: async () => {
      await browser.close();
      await serving.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(folder: string, config: string, server: string) {
  const port = await freePort();
  const path = join(folder, "webhook.yaml");
  await writeFile(path, `${config}server:\n  management: { port: ${port}, host: 127.0.0.1 }\n${server}`);
  const command = ["src/entry/bun.ts", "serve", "--role", "management", "--config", path];
  const child = Bun.spawn([process.execPath, ...command], { cwd: ROOT, stdout: "ignore", stderr: "inherit" });
  const url = `http://127.0.0.1:${port}/`;
  const until = Date.now() + 20_000;
  while (!(await isReady(url))) {
    if (Date.now() > until) throw new Error("the server is not ready");
    await Bun.sleep(50);
  }
  return {
    url,
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}readyz`)).ok;
  } catch {
    return false;
  }
}

function watch(page: Page): Opened {
  const opened: Opened = { page, faults: [], requests: [] };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) opened.faults.push(message.text());
  });
  page.on("pageerror", (error) => opened.faults.push(String(error)));
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url())) opened.requests.push(request.url());
  });
  return opened;
}

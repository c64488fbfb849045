/** docs/plugins.md, followed literally: every block is written, parsed or run, in its order, in an empty folder. */
import { expect, onTestFinished, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseConfig } from "../../src/config/parse.ts";
import { type Result, success } from "../../src/core/result.ts";
import { createLive, type Loaded } from "../../src/host/live.ts";
import { podWith, reviewPod, secret } from "../fixtures/engine.ts";
import { freePort } from "../fixtures/free-port.ts";
import { cleanUp, tryPlugins } from "../host/plugins.ts";
import { emptyFolder, runShell, WEBHOOK } from "./folder.ts";

cleanUp();

setDefaultTimeout(60_000);

interface Block {
  readonly language: string;
  /** What follows the language: a file's path, or what kind of script it is. */
  readonly title: string;
  readonly text: string;
}

/** The plugin that the guide writes, and then changes. */
const PLUGIN = "plugins/cost-center/cost-center.ts";

const guide = await readFile(join(WEBHOOK, "docs/plugins.md"), "utf8");
/** The guide's ports, and those that are free here. */
const ports = new Map([
  ["9443", await freePort()],
  ["8080", await freePort()],
]);
const onFreePorts = (text: string) => text.replace(/\b(?:9443|8080)\b/g, (port) => String(ports.get(port)));
const blocks = [...onFreePorts(guide).matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", title = "", text = ""]): Block => ({ language, title, text }),
);

test("the guide says first who runs code", () => {
  expect(guide.split("\n\n")[1]).toContain("runs code in the webhook");
});

test("every block of the guide does what it says", async () => {
  const folder = await emptyFolder();
  onTestFinished(() => endServer(folder));
  let output = "";
  let functions = "";
  for (const { language, title, text } of blocks) {
    if (language === "ts" || (language === "yaml" && title !== "")) await write(folder, title, text);
    if (language === "yaml" && title !== "task.yaml") expectConfig(text);
    if (language === "sh" && title === "functions") functions += text;
    else if (language === "sh") {
      const ran = await runShell(functions + text, folder);
      const log = await readFile(join(folder, "webhook.log"), "utf8").catch(() => "");
      expect(ran.code, `${text}${ran.output}${log}`).toBe(0);
      ({ output } = ran);
    }
    if (language === "text") expectOutput(output, text);
  }
  // What is only shown has to be good TypeScript that runs, too.
  const notes = await runShell("bun notes/level.ts", folder);
  expect(notes.output).toBe("");
});

test("the guide's change is reloaded under a running engine, and a broken file is not", async () => {
  const folder = await emptyFolder();
  const [before, after] = blocks.filter(({ title }) => title === PLUGIN);
  const path = join(folder, "cost-center.ts");
  const save = (text = "") => writeFile(path, text);
  await save(before?.text);
  const load = async (): Promise<Result<Loaded>> => {
    const entry = { use: path, allow: ["acme.io/*"], with: { centers: { fraud: "cc-42" } } };
    const built = await tryPlugins([entry]);
    return built.ok ? success({ engine: built.value, watched: [path], issues: [] }) : built;
  };
  const first = await load();
  if (!first.ok) throw new Error(first.issues[0].message);
  const live = createLive(first.value, load, () => {});
  const request = secret({ group: "secret/data/team", key: "api_key" });
  // Of a project that nobody pays for.
  const review = () => reviewPod(live.engine(), podWith([request]));

  expect((await review()).allowed).toBe(true);
  await save(after?.text);
  await live.reload();
  expect((await review()).status?.message).toContain('Nobody pays for the project "flytesnacks"');
  await save("export default {");
  await live.reload();
  expect(live.failure()?.[0].code).toBe("plugin.import");
  expect((await review()).status?.message).toContain("Nobody pays");
});

test("the blocks are of kinds that are run", () => {
  const kinds = new Set(blocks.map(({ language }) => language));
  // The Dockerfile is built where images are.
  expect([...kinds].sort()).toEqual(["dockerfile", "sh", "text", "ts", "yaml"]);
  expect(blocks.filter(({ language }) => language === "sh")).toHaveLength(8);
});

test("the entry of the reference loads", async () => {
  const entry = blocks.find(({ language, title }) => language === "yaml" && title === "");
  const parsed = parseConfig(entry?.text ?? "");
  expect(parsed.ok).toBe(true);
  const built = await tryPlugins(parsed.ok ? parsed.value.plugins.map(toWritten) : []);
  expect(built.issues ?? []).toEqual([]);
  expect(built.ok).toBe(true);
});

test("every file that the guide links to is there", () => {
  const links = [...guide.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = ""]) => link);
  expect(links).not.toBeEmpty();
  expect(links.filter((link) => !existsSync(join(WEBHOOK, "docs", link)))).toEqual([]);
});

/** Ends the server that the guide starts, where the guide did not come to that. */
async function endServer(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, "webhook.pid"), "utf8").catch(() => ""));
  try {
    if (pid > 0) process.kill(pid);
  } catch {
    // It has ended, as it should.
  }
}

/** As it stood in the file: a parsed timeout is a number of milliseconds. */
function toWritten(entry: { readonly timeout: number }): object {
  return { ...entry, timeout: `${entry.timeout}ms` };
}

async function write(folder: string, path: string, text: string): Promise<void> {
  expect(path).toMatch(/^[a-z][-a-z/.]+$/);
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

function expectConfig(text: string): void {
  const parsed = parseConfig(text);
  expect(parsed.issues ?? [], text).toEqual([]);
  expect(parsed.ok).toBe(true);
}

/** Every line has to be part of the output; `…` is any text. */
function expectOutput(output: string, wanted: string): void {
  for (const line of wanted.trim().split("\n")) {
    const parts = line.split("…").map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    expect(output).toMatch(new RegExp(parts.join(".*")));
  }
}

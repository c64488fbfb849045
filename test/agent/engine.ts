/**
 * The Vault Agent's template engine, and a Vault for it to read from.
 *
 * The engine is consul-template, the library inside `vault agent`, run the way the injector's agent runs it: templates
 * as the `contents` of a JSON config. The Vault is a small HTTP server that records what it was asked for, and answers
 * every path nobody stored with a decoy, so that a wrong read shows as a wrong text.
 */

import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { compare, nameRendering, recall } from "./recording.ts";

const VERSION = "0.41.1";
const MODULE = `github.com/hashicorp/consul-template@v${VERSION}`;
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "flyte-vault-webhook", "bin");

/** What every path that nobody stored answers with, under any key a stored secret has. */
export const DECOY = "DECOY: another secret";

/** A path that Vault does not have: 404. */
export const NOT_FOUND = Symbol("not found");

/** The latest version was deleted: 404 with KV 2's metadata. */
export const DELETED = Symbol("deleted");

/** The requested version was destroyed: KV 2's metadata without data. */
export const DESTROYED = Symbol("destroyed");

/** One stored secret: its keys, or why there are none. */
export type Stored = Readonly<Record<string, unknown>> | typeof NOT_FOUND | typeof DELETED | typeof DESTROYED;

/** Secrets by request: the decoded path, or {@link withQuery}. */
export type Secrets = Readonly<Record<string, Stored>>;

/** What one run of the engine left behind. */
export interface Rendered {
  readonly ok: boolean;
  /** Text of each template, in order; undefined where nothing was written. */
  readonly texts: readonly (string | undefined)[];
  readonly stderr: string;
  /** Secrets that Vault was asked for, as the keys of {@link Secrets}. */
  readonly paths: readonly string[];
}

/**
 * Names a request with a query. Apart from a path that has a `?` in its name, by a character no path can have.
 *
 * @param path decoded path
 * @param query raw query, without `?`
 */
export function withQuery(path: string, query: string): string {
  return `${path}\t?${query}`;
}

/**
 * Renders one template.
 *
 * @param template consul-template text
 * @param secrets what Vault has
 */
export async function render(
  template: string,
  secrets: Secrets,
  how: RenderOptions = {},
): Promise<Rendered & { readonly text?: string }> {
  const rendered = await renderAll([template], secrets, how);
  const text = rendered.texts[0];
  return text === undefined ? rendered : { ...rendered, text };
}

/** How to render. */
export interface RenderOptions {
  /** False for an input that is another in every run, which only the engine itself can render (default: true). */
  readonly recorded?: boolean;
}

/** A template as the agent's configuration has it. */
export interface AgentTemplate {
  readonly contents: string;
  readonly left_delimiter?: string;
  readonly right_delimiter?: string;
}

/**
 * Renders templates in one process, as one agent does for one pod. The first failure fails them all. Where there is no
 * engine, the answer is what it did when this was recorded.
 *
 * @param templates consul-template texts, or templates with delimiters of their own
 * @param secrets what Vault has
 */
export async function renderAll(
  templates: readonly (string | AgentTemplate)[],
  secrets: Secrets,
  { recorded = true }: RenderOptions = {},
): Promise<Rendered> {
  const binary = await findEngine();
  const name = nameRendering({ templates, secrets });
  if (binary === undefined) {
    const { texts, ...rest } = recall(name);
    return { ...rest, texts: texts.map((text) => text ?? undefined) };
  }
  const rendered = await renderWith(binary, templates, secrets);
  if (recorded) compare(name, { ...rendered, texts: rendered.texts.map((text) => text ?? null) });
  return rendered;
}

function renderWith(
  binary: string,
  templates: readonly (string | AgentTemplate)[],
  secrets: Secrets,
): Promise<Rendered> {
  return atMostTwo(async () => {
    const vault = await startVault(secrets);
    const folder = await mkdtemp(join(tmpdir(), "agent-"));
    try {
      const { code, stderr } = await runEngine(binary, vault.address, templates, folder);
      const texts = await Promise.all(templates.map((_, at) => readIfThere(join(folder, `${at}`))));
      const said = toStable(stderr, vault.address, folder);
      return { ok: code === 0, texts, stderr: said, paths: vault.paths.toSorted() };
    } finally {
      vault.close();
      await rm(folder, { recursive: true });
    }
  });
}

/** Takes out what differs from run to run. */
function toStable(stderr: string, address: string, folder: string): string {
  return stderr
    .replaceAll(address, "http://vault")
    .replaceAll(folder, "/folder")
    .replace(/^\d{4}-\d\d-\d\dT\S+ /gm, "");
}

let engine: Promise<string | undefined> | undefined;

/**
 * Finds the engine, or installs it with Go.
 *
 * @returns its path; absent where there is no Go, outside CI. Rejects, in words to act on, where it should be there.
 */
export function findEngine(): Promise<string | undefined> {
  engine ??= locateEngine();
  return engine;
}

async function locateEngine(): Promise<string | undefined> {
  const cached = join(CACHE, "consul-template");
  const candidates = [cached, Bun.which("consul-template"), join(homedir(), "go", "bin", "consul-template")];
  for (const candidate of candidates) {
    if (candidate && existsSync(candidate) && (await isEngine(candidate))) return candidate;
  }
  const go = Bun.which("go");
  if (go === null && !process.env.CI) return undefined;
  await installEngine(go);
  return cached;
}

async function isEngine(binary: string): Promise<boolean> {
  const { stdout, stderr } = await run([binary, "-version"]);
  return `${stdout}${stderr}`.includes(`v${VERSION}`);
}

async function installEngine(go: string | null): Promise<void> {
  const help = `install Go (https://go.dev/dl), then run: GOBIN=${CACHE} go install ${MODULE}`;
  if (!go) throw new Error(`Cannot find the Vault Agent's template engine: ${help}`);
  const { code, stderr } = await run([go, "install", MODULE], { GOBIN: CACHE, CGO_ENABLED: "0" });
  if (code !== 0) throw new Error(`Cannot install consul-template v${VERSION}: ${help}\n${stderr}`);
}

async function run(command: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn(command, { env: { ...process.env, ...env }, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

async function runEngine(
  binary: string,
  address: string,
  templates: readonly (string | AgentTemplate)[],
  folder: string,
) {
  const config = {
    vault: { address, token: "test", renew_token: false, retry: { enabled: false } },
    template: templates.map((template, at) => ({
      ...(typeof template === "string" ? { contents: template } : template),
      destination: join(folder, `${at}`),
    })),
  };
  const file = join(folder, "config.json");
  await writeFile(file, goJson(config));
  return run([binary, "-once", "-log-level", "err", "-config", file], {
    VAULT_ADDR: "",
    VAULT_NAMESPACE: "",
  });
}

/** JSON as Go's `encoding/json` writes it, which the injector uses: HTML characters and line separators escaped. */
function goJson(value: unknown): string {
  const toEscape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, toEscape);
}

async function readIfThere(file: string): Promise<string | undefined> {
  return existsSync(file) ? readFile(file, "utf8") : undefined;
}

let running = 0;
const waiting: (() => void)[] = [];

async function atMostTwo<T>(work: () => Promise<T>): Promise<T> {
  if (running >= 2) await new Promise<void>((resume) => waiting.push(resume));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

interface Vault {
  readonly address: string;
  readonly paths: string[];
  close(): void;
}

async function startVault(secrets: Secrets): Promise<Vault> {
  const paths: string[] = [];
  const decoy = toDecoy(secrets);
  const server = createServer((request, response) => {
    const { path, query } = readTarget(request);
    const mounts = "sys/internal/ui/mounts/";
    if (path.startsWith(mounts)) return answer(response, describeMount(path.slice(mounts.length)));
    const name = query === undefined ? path : withQuery(path, query);
    paths.push(name);
    answer(response, describeSecret(path, Object.hasOwn(secrets, name) ? (secrets[name] ?? decoy) : decoy));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The test Vault has no port");
  return { address: `http://127.0.0.1:${address.port}`, paths, close: () => server.close() };
}

/** Every top-level key that any secret has, so that no wrong read can pass for a missing key. */
function toDecoy(secrets: Secrets): Stored {
  const keys = Object.values(secrets).flatMap((stored) =>
    typeof stored === "symbol" ? [] : Object.keys(stored),
  );
  return Object.fromEntries(keys.map((key) => [key, DECOY]));
}

function readTarget(request: IncomingMessage): { path: string; query: string | undefined } {
  const [target = "", query] = (request.url ?? "").split("?");
  return { path: decodeURIComponent(target).replace(/^\/v1\//, ""), query };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function answer(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The first segment is the mount; a KV 1 or database mount says so in its name, as do its paths below. */
function describeMount(path: string): Answer {
  const mount = path.split("/")[0] ?? "";
  const data = mount.includes("database")
    ? { type: "database", path: `${mount}/`, options: null }
    : { type: "kv", path: `${mount}/`, options: { version: isKv1(mount) ? "1" : "2" } };
  return { status: 200, body: { data } };
}

function describeSecret(path: string, stored: Stored): Answer {
  if (stored === NOT_FOUND) return { status: 404, body: { errors: [] } };
  if (stored === DELETED) return { status: 404, body: versioned(null, "2020-01-01T00:00:00Z", false) };
  if (stored === DESTROYED) return { status: 200, body: versioned(null, "", true) };
  const mount = path.split("/")[0] ?? "";
  if (isKv1(mount) || mount.includes("database")) return { status: 200, body: { data: stored } };
  return { status: 200, body: versioned(stored, "", false) };
}

function versioned(data: Stored | null, deletion_time: string, destroyed: boolean) {
  return { data: { data, metadata: { deletion_time, destroyed, version: 1 } } };
}

function isKv1(mount: string): boolean {
  return mount.includes("kv1");
}

/**
 * Builds the page that `GET /` serves: one HTML file with its script and its style sheet inside, so that a browser loads
 * nothing else, and so that Bun, Deno and Node serve the same bytes.
 *
 * `bun config/page/build.ts` writes `dist/page/`; it does nothing where what is there is newer than its sources.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = join(ROOT, "src/page");
const SOURCES = [
  "src/page",
  "src/preview",
  "src/core",
  "src/injector",
  "config/page",
  "config/webhook.schema.json",
];

/** What the build writes beside the page: what an answer with the page says about it. */
export interface PageFacts {
  /** Digest of the page, for the entity tag. */
  readonly digest: string;
  /** The Content-Security-Policy that lets this script and this style sheet run, and nothing else. */
  readonly policy: string;
}

/**
 * Writes `index.html`, `index.html.gz` and `facts.json` ({@link PageFacts}).
 *
 * @param folder where to
 * @throws an AggregateError that says what cannot be bundled
 */
export async function buildPage(folder: string): Promise<void> {
  const [template, script, style] = await Promise.all([
    Bun.file(join(PAGE, "index.html")).text(),
    bundle("main.tsx"),
    bundle("style/page.css"),
  ]);
  // The end of the element must not appear in it; both languages read the escaped form as the same text.
  const safeScript = script.replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3C!--");
  const html = template
    .replace("<style></style>", () => `<style>${style}</style>`)
    .replace("<script></script>", () => `<script type="module">${safeScript}</script>`);
  const facts: PageFacts = { digest: digest(html, "hex").slice(0, 32), policy: toPolicy(safeScript, style) };
  await Bun.write(join(folder, "index.html.gz"), gzipSync(html, { level: 9 }));
  await Bun.write(join(folder, "facts.json"), JSON.stringify(facts));
  await Bun.write(join(folder, "index.html"), html);
}

async function bundle(entry: string): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [join(PAGE, entry)],
    target: "browser",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return (await outputs[0]?.text())?.trim() ?? "";
}

/** Trusted Types without a policy: a browser that has them refuses every text that would become HTML or a script. */
function toPolicy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest(script, "base64")}'`,
    `style-src 'sha256-${digest(style, "base64")}'`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function digest(text: string, encoding: "hex" | "base64"): string {
  return new Bun.CryptoHasher("sha256").update(text).digest(encoding);
}

async function isCurrent(folder: string): Promise<boolean> {
  const built = await stat(join(folder, "index.html")).catch(() => undefined);
  if (!built) return false;
  const newest = await Promise.all([...SOURCES, "bun.lock"].map((path) => findNewest(join(ROOT, path))));
  return Math.max(...newest) < built.mtimeMs;
}

/** @returns the time of the last change in a file or a folder, in milliseconds */
async function findNewest(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const names = await readdir(path);
  return Math.max(found.mtimeMs, ...(await Promise.all(names.map((name) => findNewest(join(path, name))))));
}

if (import.meta.main) {
  const folder = join(ROOT, "dist/page");
  if (!(await isCurrent(folder))) await buildPage(folder);
}

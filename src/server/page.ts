/** Loads the page from dist/page, where `npm run setup` or the image's build put it. */
import process from "node:process";
import * as v from "valibot";
import type { Page } from "../http/options.ts";

const FACTS = v.object({ digest: v.string(), policy: v.string() });
const FOLDER = new URL("../../dist/page/", import.meta.url);

/** @returns a function that reads the page once; while there is none, every call looks again */
export function createPageLoader(): () => Promise<Page | undefined> {
  let loaded: Page | undefined;
  return async () => {
    loaded ??= await loadPage();
    return loaded;
  };
}

async function loadPage(): Promise<Page | undefined> {
  // Loaded here, so that the server starts faster.
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  const read = (name: string) => readFile(new URL(name, FOLDER));
  try {
    const [html, gzip, facts] = await Promise.all(["index.html", "index.html.gz", "facts.json"].map(read));
    if (!html || !gzip || !facts) return undefined;
    return {
      html: new Uint8Array(html),
      gzip: new Uint8Array(gzip),
      ...v.parse(FACTS, JSON.parse(facts.toString())),
    };
  } catch {
    return undefined;
  }
}

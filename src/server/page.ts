/** The page that `npm run setup` has built, or the image's build. */
import { readFile } from "node:fs/promises";
import * as v from "valibot";
import type { Page } from "../http/options.ts";

const FACTS = v.object({ digest: v.string(), policy: v.string() });
const FOLDER = new URL("../../dist/page/", import.meta.url);

/** @returns what reads the page when it is first asked for, and keeps it; a page that is not there is looked for again */
export function createPageLoader(): () => Promise<Page | undefined> {
  let loaded: Page | undefined;
  return async () => {
    loaded ??= await loadPage();
    return loaded;
  };
}

async function loadPage(): Promise<Page | undefined> {
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

/** Writes docs/bundled-plugins.md anew: `bun test/plugins/update-docs.ts`. */
import { writeFile } from "node:fs/promises";
import { BUNDLED_DOCS, renderBundledDocs } from "./bundled-docs.ts";

await writeFile(BUNDLED_DOCS, await renderBundledDocs());

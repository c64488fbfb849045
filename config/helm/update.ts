/** Writes the chart's generated files: `bun config/helm/update.ts`. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderChart } from "./render.ts";

const CHART = join(import.meta.dirname, "flyte-vault-webhook");

for (const [path, text] of await renderChart()) {
  await mkdir(dirname(join(CHART, path)), { recursive: true });
  await writeFile(join(CHART, path), text);
}

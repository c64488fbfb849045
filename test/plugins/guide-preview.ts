/**
 * `preview --config FILE -f FILE -o table`, for the guide's test as long as the command line has no `preview`: the same
 * loading, pipeline and table. Goes when that comes; guide.test.ts then takes the command by itself.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { previewDocuments } from "../../src/core/preview/answer.ts";
import { readPreviewInput } from "../../src/core/preview/input.ts";
import { renderTable } from "../../src/core/preview/table.ts";
import { loadEngine } from "../../src/entry/load.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { webPorts } from "../../src/host/ports.ts";

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: "string", default: "" },
    file: { type: "string", short: "f", default: "" },
    output: { type: "string", short: "o" },
  },
});
const snapshots = createSnapshots();
const ignore = () => {};
const loaded = await loadEngine([values.config], {
  env: {},
  snapshots,
  reportEvent: ignore,
  reportFailure: ignore,
});
if (!loaded.ok) throw new Error(loaded.issues[0].message);
const input = readPreviewInput(await readFile(values.file, "utf8"), webPorts);
if (!input.ok) throw new Error(input.issues[0].message);
const { engine } = loaded.value;
const answer = await previewDocuments(input.value, { review: engine.review, configHash: engine.hash });
process.stdout.write(renderTable(answer));
await engine.close();
await snapshots.close();
process.exit(answer.results.every(({ allowed }) => allowed) ? 0 : 1);

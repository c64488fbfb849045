/** The command line with the plugin loader, as the guide's reader runs it. */
import { createIo } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/main.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createEngine } from "../../src/host/engine.ts";
import { createLoader } from "../../src/host/plugin/load.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";

const argv = process.argv.slice(2);
const file = argv[argv.indexOf("--config") + 1];
const snapshots = createSnapshots();
const report = (event: unknown) => process.stderr.write(`${JSON.stringify(event)}\n`);
const { resolvePlugin } = createLoader({ file, snapshots, report });
const code = await runCli(argv, createIo(), {
  loadConfig,
  createEngine: async (config) => {
    const built = await createEngine(config, { resolvePlugin });
    for (const { message } of built.issues) process.stderr.write(`${message}\n`);
    return built;
  },
  serve: async () => 2,
});
await snapshots.close();
process.exit(code);

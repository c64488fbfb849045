/** Runs the command line of this process. */
import process from "node:process";
import { Exit } from "../cli/exit.ts";
import { createIo } from "../cli/io.ts";
import { reportThrown, runCli } from "../cli/main.ts";
import { createSnapshots } from "../host/plugin/snapshot.ts";
import { createDeps } from "../server/deps.ts";
import type { Runtime } from "../server/runtime.ts";
import { serve } from "../server/serve.ts";

/**
 * Runs the command line of this process, and ends it with the command's exit code.
 *
 * @param runtime how the runtime serves an address, and its limitations
 */
export async function main(runtime: Runtime): Promise<void> {
  const io = createIo();
  const snapshots = createSnapshots();
  const code = await runCli(
    process.argv.slice(2),
    io,
    createDeps((options) => serve(options, runtime), snapshots, io.stderr),
  );
  await snapshots.close();
  const failed = await io.flush();
  if (failed) {
    reportThrown(io, failed);
    await io.flush();
  }
  process.exit(failed ? Exit.usage : code);
}

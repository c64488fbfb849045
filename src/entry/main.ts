/** Hands the adapters to the command line. */
import process from "node:process";
import { createIo } from "../cli/io.ts";
import { runCli } from "../cli/main.ts";
import { loadConfig } from "../config/load.ts";
import { createEngine } from "../host/engine.ts";
import type { Listener } from "../listen/listener.ts";
import { serve } from "./serve.ts";

/**
 * Runs the command line of this process, and ends it with the command's exit code.
 *
 * @param listen how this runtime serves an address
 */
export async function main(listen: Listener): Promise<void> {
  const deps = {
    loadConfig,
    createEngine,
    serve: (options: Parameters<typeof serve>[0]) => serve(options, listen),
  };
  process.exit(await runCli(process.argv.slice(2), createIo(), deps));
}

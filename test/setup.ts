/** Before any test: whatever tests and the programs that they run leave in the folder for temporary files goes with them. */
import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

// Short, since podman takes no long path for its own.
const folder = mkdtempSync(join(tmpdir(), "fvw-"));
process.env.TMPDIR = folder;
// In a preloaded file this is after the tests of all files.
afterAll(() => rmSync(folder, { recursive: true, force: true }));

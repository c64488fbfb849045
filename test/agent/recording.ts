/**
 * Renderings recorded from the real engine, so that `npm test` needs no Go. Where the engine is there, it renders anew and
 * what is recorded has to be the same. Where it is not, a template that was never recorded fails: nothing is skipped.
 *
 * A run with Go outside CI writes what is new or different; commit the file then. To drop what no test asks for any more,
 * delete the file and run `npm test` with Go.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a run of the engine left behind, without what differs from run to run. */
export interface Recorded {
  readonly ok: boolean;
  readonly texts: readonly (string | null)[];
  readonly stderr: string;
  readonly paths: readonly string[];
}

const FILE = join(import.meta.dir, "recorded.json");
const HELP = "install Go (https://go.dev/dl), run `npm test` again, and commit test/agent/recorded.json";

const recorded = new Map<string, Recorded>(Object.entries(readRecorded()));

function readRecorded(): Record<string, Recorded> {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch {
    return {};
  }
}

/** @returns the name of a rendering: equal templates and equal secrets have the same one */
export function nameRendering(input: unknown): string {
  const text = JSON.stringify(input, (_, value) => (typeof value === "symbol" ? String(value) : value));
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}

/** @returns what the engine did with this input; throws where it was never recorded */
export function recall(name: string): Recorded {
  const found = recorded.get(name);
  if (!found)
    throw new Error(`These templates were never rendered by the Vault Agent's template engine: ${HELP}`);
  return found;
}

/** Holds what the engine did against what is recorded. Throws in CI where they differ; records it anywhere else. */
export function compare(name: string, rendered: Recorded): void {
  const before = recorded.get(name);
  if (before && JSON.stringify(before) === JSON.stringify(rendered)) return;
  if (process.env.CI) {
    const found = before ? JSON.stringify(before) : "nothing";
    throw new Error(`Recorded is ${found}, rendered was ${JSON.stringify(rendered)}: ${HELP}`);
  }
  recorded.set(name, rendered);
  const lines = [...recorded].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = lines.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(",\n");
  writeFileSync(FILE, `{\n${text}\n}\n`);
}

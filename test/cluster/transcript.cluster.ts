/** The documentation's transcript is what happens. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { makeTranscript } from "./fixture/transcript.ts";

test("docs/transcript.md is up to date: npm run docs:transcript", async () => {
  const made = await makeTranscript();
  expect(made).toContain('\n"k-123"\n');
  expect(made).toContain('\n"hunter2"\n');
  expect(await Bun.file(join(import.meta.dir, "../../docs/transcript.md")).text()).toBe(made);
}, 900_000);

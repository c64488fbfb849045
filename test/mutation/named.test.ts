/** The named mutants can still be made: whoever changes such a line carries its mutant over. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NAMED, replaceOnce } from "./named.ts";

const ROOT = join(import.meta.dir, "../..");

test.each(NAMED.map((mutant) => [mutant.name, mutant] as const))(
  "%s (its text in test/mutation/named.ts is in the source once)",
  (_, { file, text, replacement, tests }) => {
    const source = readFileSync(join(ROOT, file), "utf8");
    expect(replaceOnce(source, text, replacement)).not.toBeUndefined();
    expect(tests.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  },
);

/** The runtime suite on the program that the image runs. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../config/image/bundle.ts";
import { runtimeSuite } from "./suite.ts";

const folder = mkdtempSync(join(tmpdir(), "bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = await bundle(folder);

test("bundle writes the bytecode beside the program", () => {
  expect(statSync(`${program}.jsc`).size).toBeGreaterThan(statSync(program).size);
});

for (const { name, run } of runtimeSuite([process.execPath, program], ["runtime.rotation-resets"])) {
  test(`bundle: ${name}`, run, 60_000);
}

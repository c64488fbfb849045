/** The runtime suite on the program that the image runs. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../config/image/bundle.ts";
import { runtimeSuite } from "./suite.ts";

const folder = mkdtempSync(join(tmpdir(), "bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));
const { program, inputs } = await build(folder);

test("bundle writes the bytecode beside the program", () => {
  expect(statSync(`${program}.jsc`).size).toBeGreaterThan(statSync(program).size);
});

test("no package comes in its build for browsers but yaml, whose parser is the same there", () => {
  const packages = inputs.filter((path) => path.includes("node_modules/"));
  expect(packages.length).toBeGreaterThan(20);
  const browser = packages.filter((path) => /browser|\/(?:dist|lib)-?(?:web|umd)\//i.test(path));
  expect(browser.filter((path) => !path.includes("node_modules/yaml/browser/"))).toEqual([]);
  // Its build for browsers, which does not say so in its path, hashes in JavaScript.
  expect(packages.filter((path) => path.includes("node_modules/uuid/"))).toEqual([]);
});

for (const { name, run } of runtimeSuite([process.execPath, program], ["runtime.rotation-resets"])) {
  test(`bundle: ${name}`, run, 60_000);
}

/** The `plugins` commands, as an author types them, from an empty folder. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BUN = join(import.meta.dir, "../../src/entry/bun.ts");
const folder = await mkdtemp(join(tmpdir(), "author-"));
await mkdir(join(folder, "empty"));
afterAll(() => rm(folder, { recursive: true }));

async function plugins(...args: string[]) {
  const child = Bun.spawn([process.execPath, BUN, "plugins", ...args], { cwd: folder, stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

describe("plugins", () => {
  test("new writes a plugin whose test passes at once", async () => {
    const written = await plugins("new", "cost-center");
    expect(written).toMatchObject({ code: 0, err: "" });
    const tested = await plugins("test", "cost-center");
    expect(tested.out).toContain("1 pass");
    expect(tested.code).toBe(0);
  }, 20_000);

  test("test fails with a plugin's test", async () => {
    await plugins("new", "broken");
    const file = join(folder, "broken/broken.ts");
    await writeFile(file, (await readFile(file, "utf8")).replace("{ [KEY]: level }", '{ [KEY]: "other" }'));
    const tested = await plugins("test", "broken");
    expect(tested.code).toBe(1);
    expect(tested.out).toContain("1 fail");
    expect(tested.out).toContain('its annotations are {"vault.hashicorp.com/log-level":"other"}');
    // All of them, from the folder that they lie in.
    const all = await plugins("test", ".");
    expect(all.code).toBe(1);
    expect(all.out).toContain("1 pass");
    expect(all.out).toContain("1 fail");
  }, 20_000);

  test("describe names each type of an option that takes several", async () => {
    expect((await plugins("describe", "gcp-auth")).out).toMatch(/serviceAccount +default \| string/);
  });

  test("list names each bundled plugin", async () => {
    const { out } = await plugins("list");
    expect(out.split("\n").map((line) => line.split(" ")[0])).toContain("namespace");
  });

  test("describe shows a bundled one and a file", async () => {
    const bundled = await plugins("describe", "namespace");
    expect(bundled.out).toContain("  vault.hashicorp.com/namespace\n");
    expect(bundled.out).toMatch(/byProject +map \(optional\)/);
    await plugins("new", "own");
    const own = await plugins("describe", "own/own.ts");
    expect(own.out).toMatch(/level +debug \| info \| warn \| error\n/);
  });

  test.each([
    [["new", "Cost Center"], "plugin.name-unfit"],
    [["new"], "plugin.name-unfit"],
    [["new", "twice"], "plugin.exists"],
    [["describe"], "plugin.unnamed"],
    [["describe", "namspace"], "Did you mean namespace?"],
    [["test"], "plugin.unnamed"],
    [["test", "nowhere"], "plugin.tests-missing"],
    [["test", "empty"], "ends in .test.ts"],
  ])("%j is refused", async (args, message) => {
    if (args[1] === "twice") await plugins(...args);
    const refused = await plugins(...args);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(message);
  });
});

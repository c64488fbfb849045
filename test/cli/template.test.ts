import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isPluginName, renderPlugin, renderPluginTest } from "../../src/cli/template/plugin.ts";
import { authorFolder, runShell } from "../plugins/folder.ts";

const NAME = "cost-center";

/** A folder with the plugin as `plugins new` writes it. */
async function written(plugin = renderPlugin(NAME)): Promise<string> {
  const folder = await authorFolder();
  await writeFile(join(folder, `${NAME}.ts`), plugin);
  await writeFile(join(folder, `${NAME}.test.ts`), renderPluginTest(NAME));
  return folder;
}

describe("renderPlugin and renderPluginTest", () => {
  test("pass at once", async () => {
    const { code, output } = await runShell("bun test", await written());
    expect(output).toContain("1 pass");
    expect(code).toBe(0);
  });

  test("fail when the plugin does something else", async () => {
    const other = renderPlugin(NAME).replace("[KEY]: level", '[KEY]: "info"');
    const { code, output } = await runShell("bun test", await written(other));
    expect(output).toContain("sets the level: its annotations are");
    expect(code).toBe(1);
  });

  test("have no words of another name", () => {
    expect(renderPlugin("other") + renderPluginTest("other")).not.toContain(NAME);
  });
});

test.each([
  ["cost-center", true],
  ["a", true],
  ["k8s", true],
  ["Cost", false],
  ["cost_center", false],
  ["-cost", false],
  ["cost-", false],
  ["cost--center", false],
  ["../cost", false],
  ["", false],
  ["a".repeat(64), false],
])("isPluginName %p is %p", (name, wanted) => expect(isPluginName(name)).toBe(wanted));

/**
 * What the kubelet makes of a variable's file: its own parser over what the agent's own engine rendered. The same value, or no
 * file at all; never another value.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { renderVariableTemplate } from "../../src/core/vault/variable.ts";
import { render } from "../agent/engine.ts";
import { LONG_VALUES, REFUSED_VALUES, SERVED_VALUES } from "../agent/variable-values.ts";
import { buildKubelet, type Kubelet } from "./fixture/kubelet.ts";

let folder: string;
let kubelet: Kubelet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "variables-"));
  kubelet = await buildKubelet();
}, 600_000);

afterAll(async () => {
  await kubelet?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function write(value: unknown): Promise<string | undefined> {
  const path = "secret/data/app";
  const template = renderVariableTemplate("kv2", path, "api-key");
  const { text } = await render(template, { [path]: { "api-key": value } }, { recorded: false });
  return text;
}

describe("the kubelet's parser", () => {
  test.each([...SERVED_VALUES, ...LONG_VALUES])("reads %s as the same value", async (_, value, text) => {
    const file = join(folder, "file");
    await writeFile(file, (await write(value)) ?? "");
    const { code, stdout, stderr } = await kubelet.parse(file, "VALUE");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout === text).toBe(true);
  });

  test("reads any text as the same value, or the agent fails before", async () => {
    const pieces = [
      "'",
      '"',
      "\\",
      "#",
      "=",
      "$",
      " ",
      "\t",
      "\n",
      "\r",
      "\0",
      "a",
      "VALUE='",
      "é",
      "\ufffd",
      "{{",
      "export ",
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), {
      maxLength: 8,
    });
    let served = 0;
    await fc.assert(
      fc.asyncProperty(text, async (parts) => {
        const value = parts.join("");
        const written = await write(value);
        if (written === undefined) return;
        const file = join(folder, "any");
        await writeFile(file, written);
        expect(await kubelet.parse(file, "VALUE")).toEqual({ code: 0, stdout: value, stderr: "" });
        served++;
      }),
      { numRuns: 60 },
    );
    expect(served).toBeGreaterThan(5);
  });

  test.each(REFUSED_VALUES)("never sees %s: the agent fails before", async (_, value) => {
    expect(await write(value)).toBeUndefined();
  });
});

/** README: the variable of `flyte.Secret("api-key")` arrives with the configuration that stands there. */
import { afterAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createWorkplace } from "./harness.ts";

const readme = await readFile(join(import.meta.dir, "../../README.md"), "utf8");
const place = createWorkplace();
afterAll(place.remove);

function readBlock(name: string): string {
  const [, text] = new RegExp(`^\`\`\`\\w+ ${name}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(readme) ?? [];
  if (text === undefined) throw new Error(`README.md has no block ${name}`);
  return text;
}

test("README: five lines of configuration, and the preview's lines", async () => {
  const config = readBlock("variables.yaml");
  expect(config.trim().split("\n")).toHaveLength(5);
  const [, secrets] = /^A preview of `(secrets: [^`]+)`/m.exec(readme) ?? [];
  place.write("variables.yaml", config);
  place.write("task.yaml", `${secrets}\nproject: flytesnacks\ndomain: development\n`);
  const argv = ["preview", "--config", "variables.yaml", "-f", "task.yaml", "-o", "table"];
  const { code, stdout } = await place.run(argv);
  expect(code).toBe(0);
  for (const line of readBlock("variables.txt").trimEnd().split("\n")) {
    expect(stdout.split("\n")).toContain(line);
  }
});

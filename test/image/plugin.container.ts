/** A team's plugin in the container: mounted as a ConfigMap is, and copied in by an image on top of ours. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Built, buildImage } from "./built.ts";

let built: Built;
beforeAll(async () => {
  built = await buildImage();
}, 600_000);
afterAll(() => built?.remove());

const PLUGIN = `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "cost-center",
  description: "Marks pods with their project's cost centre",
  writes: ["acme.io/cost-center"],
  setup: () => ({ annotations: ({ project }) => ({ "acme.io/cost-center": \`cc-\${project}\` }) }),
});
`;
const CONFIG = `plugins: [{ use: /etc/flyte-vault-webhook/plugins/cost-center.ts, allow: ["acme.io/*"] }]\n`;

async function writePlugin(): Promise<string> {
  const folder = await mkdtemp(join(built.folder, "plugins-"));
  await chmod(folder, 0o755);
  await writeFile(join(folder, "cost-center.ts"), PLUGIN);
  return folder;
}

test("mounted at /etc/flyte-vault-webhook/plugins", async () => {
  const plugins = await writePlugin();
  const { url } = await built.start(built.image, CONFIG, [`${plugins}:/etc/flyte-vault-webhook/plugins:ro`]);
  expect((await built.review(url)).patch).toContain("cc-flytesnacks");
});

test("copied into an image of the team's own", async () => {
  const context = await writePlugin();
  const lines = [`FROM localhost/${built.image}`, "COPY cost-center.ts /etc/flyte-vault-webhook/plugins/"];
  await writeFile(join(context, "Dockerfile"), `${lines.join("\n")}\n`);
  await built.build("team:test", context);
  const { url } = await built.start("team:test", CONFIG);
  expect((await built.review(url)).patch).toContain("cc-flytesnacks");
});

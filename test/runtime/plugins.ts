/** Plugins under a runtime: bundled, from files, in threads and in process; cut off, and changed under a server that runs. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podWith, secret } from "../fixtures/engine.ts";
import { type Command, renderReview, TOKEN, withServer } from "./server.ts";

const MISBEHAVING = readFileSync(new URL("../fixtures/plugins/misbehaving.ts", import.meta.url), "utf8");
const DOCUMENT = "secrets: [{ group: secret/data/team, key: api_key }]";

const levelOf = (level: string) => `import { definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";
import { KEY } from "./key.ts";
export default definePlugin({
  name: "level",
  description: "Level",
  writes: [KEY],
  options: v.strictObject({ more: v.string() }),
  setup: ({ more }) => ({ annotations: () => ({ [KEY]: "${level}" + more }) }),
});
`;

const CONFIG = `plugins:
  - { use: role-map, with: { rules: [{ namespaces: [ns], role: team-role }] } }
  - { use: ./misbehaving.ts, timeout: 300ms }
  - { use: ./level.ts, isolate: none, allow: ["acme.io/*"], with: { more: "!" } }
`;

const candidateOf = (use: string) =>
  `${DOCUMENT}\nconfig: { plugins: [{ use: ${use}, allow: ["acme.io/*"], with: { more: "?" } }] }`;

/** Fails where a plugin does not do what it does on every other runtime. */
export function checkPlugins(command: Command): Promise<void> {
  const files = {
    "webhook.yaml": CONFIG,
    "misbehaving.ts": MISBEHAVING,
    "key.ts": 'export const KEY: string = "acme.io/level";\n',
    "level.ts": levelOf("low"),
  };
  return withServer(command, files, async ({ review, preview, write }) => {
    const first = await preview(DOCUMENT);
    assert.match(first, /acme\.io\/level: low!/);
    assert.match(first, /vault\.hashicorp\.com\/namespace: good/);

    const bad = review(renderReview({ worst: "loops" }));
    assert.match(await review(renderReview()), /"allowed":true,"patchType":"JSONPatch"/);
    assert.match(await bad, /"allowed":false.*The plugin misbehaving did not answer/);
    assert.match(await review(renderReview({ worst: "aborts" })), /"allowed":false.*plugin misbehaving/);
    assert.match(await review(renderReview()), /"allowed":true/);

    write("level.ts", levelOf("high"));
    for (let i = 0; i < 100 && !(await preview(DOCUMENT)).includes("high!"); i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.match(await preview(DOCUMENT), /acme\.io\/level: high!/);

    // A configuration that a preview brings along may use the code that is loaded, and no other.
    assert.match(await preview(candidateOf("./level.ts")), /acme\.io\/level: high\?/);
    assert.match(await preview(candidateOf("./key.ts")), /plugin\.candidate/);
  });
}

const BEATS = `import { appendFileSync } from "node:fs";
import { definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";
export default definePlugin({
  name: "beats",
  description: "Writes a line ten times a second",
  writes: [],
  options: v.strictObject({ file: v.string() }),
  setup: ({ file }) => {
    const id = Math.random();
    setInterval(() => appendFileSync(file, \`\${id} \${Date.now()}\\n\`), 100);
    return { annotations: () => ({}) };
  },
});
`;
const LOOPS = `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "loops",
  description: "Never ends",
  writes: [],
  setup: () => ({ annotations: ({ labels }) => { while (labels.worst === "loops"); return {}; } }),
});
`;

/** A thread of previews that loops is ended; its plugins' threads end with it, and no others. */
export function checkEndedPreview(command: Command): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "beats-"));
  const file = join(folder, "beats");
  writeFileSync(file, "");
  const config = `plugins:\n  - { use: ./beats.ts, with: { file: "${file}" } }\n  - { use: ./loops.ts, isolate: none }\n`;
  const listBeating = () => {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    const recent = lines.map((line) => line.split(" ")).filter(([, time]) => Number(time) > Date.now() - 500);
    return new Set(recent.map(([id]) => id)).size;
  };
  const untilBeating = async (threads: number) => {
    for (let i = 0; i < 100 && listBeating() !== threads; i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(listBeating(), threads);
  };
  const files = { "webhook.yaml": config, "beats.ts": BEATS, "loops.ts": LOOPS };
  return withServer(command, files, async ({ preview, ports, review }) => {
    await untilBeating(1);
    assert.match(await preview(DOCUMENT), /agent-inject-secret-/);
    await untilBeating(2);
    const pod = podWith([secret({ group: "secret/data/team", key: "k" })]);
    const body = JSON.stringify({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, worst: "loops" } },
    });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const signal = AbortSignal.timeout(1_000);
    await fetch(`http://127.0.0.1:${ports.management}/preview`, {
      method: "POST",
      headers,
      body,
      signal,
    }).catch(() => {});
    await untilBeating(1);
    assert.match(await review(renderReview()), /"allowed":true/);
    assert.match(await preview(DOCUMENT), /agent-inject-secret-/);
  }).finally(() => rmSync(folder, { recursive: true }));
}

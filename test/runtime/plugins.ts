/** Plugins under a runtime: bundled, from files, in threads and in process; cut off, and changed under a server that runs. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { type Command, renderReview, withServer } from "./server.ts";

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

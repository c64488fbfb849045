// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${env:NAME}" is the syntax under test
/**
 * The reload drill: a running server under load gets every kind of bad change. Each time the old engine serves on, no pod is
 * refused that was not before, and one line of the log says why.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { podWith, secret } from "../fixtures/engine.ts";
import { freePort } from "../fixtures/free-port.ts";
import { makeCertificates } from "../tls/make.ts";

const BUN = join(import.meta.dir, "../../src/entry/bun.ts");
const folder = mkdtempSync(join(tmpdir(), "drill-"));
const config = join(folder, "webhook.yaml");
const plugin = join(folder, "plugins/policy.ts");
const [admission, management] = [await freePort(), await freePort()];
const { ca, server: pair } = await makeCertificates();
writeFileSync(join(folder, "tls.crt"), pair.cert);
writeFileSync(join(folder, "tls.key"), pair.key);

const CONFIG = (rest = "", role = "ml-tasks") => `webhook:
  listenPort: ${admission}
  certDir: ${folder}
  vaultSecretManager: { role: ${role} }
plugins: [{ use: ./plugins/policy.ts }]
server: { management: { port: ${management} }, drainSeconds: 0 }
${rest}`;

const PLUGIN = (
  review = "[]",
  annotations = "{}",
) => `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "policy", description: "Policy", writes: ["vault.hashicorp.com/namespace"],
  setup: () => ({ annotations: () => (${annotations}), review: ({ labels, requests }) => ${review} }),
});
`;
const DENY = '{ code: "no", severity: "deny", message: "Not here", help: "Ask" }';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

const lines: Line[] = [];
let child: ReturnType<typeof spawn>;
let isLoading = true;
const load = { posted: 0, refused: [] as unknown[] };

function spawn() {
  return Bun.spawn([process.execPath, BUN, "serve", "--config", config], {
    ...{ stdout: "pipe", stderr: "inherit", env: { ...process.env, NODE_ENV: "production" } },
  });
}

async function readLog(stream: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const texts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = texts.pop() ?? "";
    for (const text of texts) lines.push(JSON.parse(text));
  }
}

async function post(group: string): Promise<{ readonly allowed: boolean; readonly patch?: string }> {
  const object = podWith([secret({ group, key: "k", group_version: "kv2" })]);
  const review = {
    ...{ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" },
    request: {
      ...{ uid: "u", operation: "CREATE", namespace: "flytesnacks-development", object },
      userInfo: { username: "system:serviceaccount:flyte:propeller" },
    },
  };
  const answer = await fetch(`https://localhost:${admission}/mutate?timeout=10s`, {
    ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(review) },
    tls: { ca: ca.cert },
  });
  const { response } = (await answer.json()) as { response: { allowed: boolean; patch?: string } };
  return response;
}

/** Pods of five teams, over and over, until the drill ends. */
async function keepPosting(): Promise<void> {
  for (let i = 0; isLoading; i++) {
    const { allowed } = await post(`secret/data/team-${i % 5}`).catch((error) => ({
      allowed: String(error),
    }));
    load.posted++;
    if (allowed !== true) load.refused.push(allowed);
    await Bun.sleep(5);
  }
}

async function until<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = await find();
    if (found !== undefined) return found;
    await Bun.sleep(25);
  }
  throw new Error(
    `It did not come to be within 15 seconds: ${JSON.stringify(lines.filter(({ message }) => message !== "admission").slice(-5))}`,
  );
}

const ENDS = /^(?:reloaded|reload (?:failed|held back).*)$/;

/** Makes a change and waits for the line that says what became of it. */
async function change(make: () => void, end = ENDS): Promise<Line> {
  const from = lines.length;
  make();
  return until(() => lines.slice(from).find(({ message }) => end.test(message)));
}

const readyz = async () =>
  (await fetch(`http://127.0.0.1:${management}/readyz`)).json() as Promise<{
    readonly ready: boolean;
    readonly checks: Readonly<Record<string, { readonly detail: string }>>;
  }>;

const roleOf = (patch = "") => /vault\.hashicorp\.com~1role","value":"([^"]*)"/.exec(atob(patch))?.[1];

let posting: Promise<void>;
beforeAll(async () => {
  await Bun.write(plugin, PLUGIN());
  writeFileSync(config, CONFIG());
  child = spawn();
  void readLog(child.stdout);
  await until(async () => ((await readyz().catch(() => undefined))?.ready ? true : undefined));
  posting = keepPosting();
  await until(() => (load.posted > 20 ? true : undefined));
}, 30_000);
afterAll(async () => {
  isLoading = false;
  await posting;
  child.kill();
  await child.exited;
  rmSync(folder, { recursive: true });
});

/** Puts the good files back; the server takes them as they were. */
async function mend(): Promise<void> {
  writeFileSync(config, CONFIG());
  await Bun.write(plugin, PLUGIN());
  await until(async () => ((await readyz()).checks.config?.detail.includes("refused") ? undefined : true));
}

describe("a bad change under load", () => {
  const BAD: readonly [what: string, make: () => void, code: string, reason: RegExp][] = [
    [
      "a misspelt key",
      () => writeFileSync(config, CONFIG().replace("role:", "roel:")),
      "config.misplaced",
      /webhook\.yaml:4:25: Unknown key webhook\.vaultSecretManager\.roel; did you mean webhook\.vaultSecretManager\.role\?/,
    ],
    [
      "a plugin that throws on every pod",
      () => writeFileSync(plugin, PLUGIN("{ throw new Error('no good reason'); }")),
      "plugin.fails-always",
      /plugins\[0\].*fails on every sample pod.*no good reason/,
    ],
    [
      "a plugin that throws on pods that no sample is like",
      () =>
        writeFileSync(
          plugin,
          PLUGIN(
            "{ if (Object.values(requests)[0]?.group.endsWith('team-3')) throw new Error('x'); return []; }",
          ),
        ),
      "engine.held-back",
      /1 of 5 recent pods would newly end in a failure of the webhook \(1 plugin\.failed\)/,
    ],
    [
      "a plugin that denies everything",
      () => writeFileSync(plugin, PLUGIN(`[${DENY}]`)),
      "engine.held-back",
      /every recent pod that is allowed now would be refused \(5 plugin:policy\/no\)/,
    ],
    [
      "a plugin with a syntax error",
      () => writeFileSync(plugin, "export default {{{"),
      "plugin.import",
      /plugins\/policy\.ts:1:\d+/,
    ],
    ["an empty file", () => truncateSync(config), "config.empty", /webhook\.yaml" is empty/],
    [
      "a file that cannot be parsed",
      () => writeFileSync(config, `${CONFIG()}policy: {`),
      "config.syntax",
      /webhook\.yaml:\d+:\d+: Cannot read YAML/,
    ],
    [
      "a missing environment variable",
      () => writeFileSync(config, CONFIG("", '"${env:NOBODY_SETS_IT}"')),
      "config.env-unset",
      /webhook\.yaml:4:31: .*NOBODY_SETS_IT/,
    ],
  ];

  test.each(BAD)(
    "%s",
    async (_, make, code, reason) => {
      const line = await change(make);
      expect(line).toMatchObject({ level: "error", code, reason: expect.stringMatching(reason) });
      const { ready, checks } = await readyz();
      expect(ready).toBe(true);
      expect(checks.config?.detail).toContain("newer one refused");
      // Counts and codes only: what a pod would get is for the log.
      expect(checks.config?.detail).not.toContain("team-3");
      const { allowed, patch } = await post("secret/data/team-1");
      expect([allowed, roleOf(patch)]).toEqual([true, "ml-tasks"]);
      await mend();
    },
    40_000,
  );

  test("no pod was refused meanwhile", () => {
    expect(load.posted).toBeGreaterThan(100);
    expect(load.refused).toEqual([]);
  });
});

describe("a good change", () => {
  test("takes effect; the log says what changed, for how many pods, and who is affected", async () => {
    const line = await change(() => writeFileSync(config, CONFIG("policy: { locked: [x] }", "ml-batch")));
    expect(line).toMatchObject({
      message: "reloaded",
      changed: ['webhook.vaultSecretManager.role: "ml-tasks" → "ml-batch"', 'policy.locked: [] → ["x"]'],
      recentPods: 5,
      changedPods: 5,
      podChanges: ['5 of 5 recent pods: vault.hashicorp.com/role "ml-tasks" → "ml-batch"'],
      affected: ["flytesnacks-development"],
    });
    expect(roleOf((await post("secret/data/team-1")).patch)).toBe("ml-batch");
  }, 20_000);

  test("of a plugin's code, its options and a token: what may be secret is not shown", async () => {
    await change(() => writeFileSync(plugin, PLUGIN("[]", '{ "vault.hashicorp.com/namespace": "a" }')));
    const code = lines.findLast(({ message }) => message === "reloaded");
    expect(code).toMatchObject({ changed: ["plugins[0] ./plugins/policy.ts: code changed"] });
    const line = await change(() =>
      writeFileSync(
        config,
        CONFIG("", "ml-batch")
          .replace("server: {", "server: { preview: { token: hunter2 },")
          .replace("policy.ts }", "policy.ts }, { use: namespace, with: { namespace: hunter3 } }"),
      ),
    );
    expect(line).toMatchObject({ message: "reloaded", needsRestart: ["server.preview.token"] });
    expect(line.changed).toContain("server.preview.token: changed");
    expect(line.changed).toContain("plugins[1].with.namespace: changed");
    expect(JSON.stringify(line.changed)).not.toContain("hunter");
  }, 20_000);

  test("one that newly refuses some pods: taken by default, held back where the configuration says so", async () => {
    const some = PLUGIN(`Object.values(requests)[0]?.group.endsWith("team-4") ? [${DENY}] : []`);
    writeFileSync(config, CONFIG());
    await until(async () =>
      roleOf((await post("secret/data/team-1")).patch) === "ml-tasks" ? true : undefined,
    );
    const strict = CONFIG().replace("server: {", "server: { reload: { refuse: newly-refused },");
    const unchanged = await change(() => writeFileSync(config, strict), /^unchanged$/);
    expect(unchanged.changed).toContain('server.reload.refuse: (none) → "newly-refused"');
    const held = await change(() => writeFileSync(plugin, some));
    expect(held).toMatchObject({
      code: "engine.held-back",
      reason: expect.stringMatching(/1 of 5 recent pods would newly be refused \(1 plugin:policy\/no\)/),
    });
    expect((await post("secret/data/team-4")).allowed).toBe(true);
    isLoading = false;
    await posting;
    const taken = await change(() => writeFileSync(config, CONFIG()));
    expect(taken).toMatchObject({ message: "reloaded", newlyRefused: 1, refusedFor: "1 plugin:policy/no" });
    expect((await post("secret/data/team-4")).allowed).toBe(false);
  }, 40_000);

  test("admission lines name who creates the pod, the start line the version, /readyz each plugin", async () => {
    const served = lines.find(({ message }) => message === "admission");
    expect(served?.user).toBe("system:serviceaccount:flyte:propeller");
    expect(lines.find(({ message }) => message === "serving")).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      runtime: expect.stringMatching(/^bun \d/),
    });
    expect((await readyz()).checks["plugins[0]"]?.detail).toBe("policy, in threads, no failures");
    const metrics = await (await fetch(`http://127.0.0.1:${management}/metrics`)).text();
    expect(metrics).toMatch(/flyte_vault_webhook_build_info\{version="[^"]+",runtime="bun [^"]+"\} 1/);
    expect(metrics).toContain('flyte_vault_webhook_config_reloads_total{result="held"}');
  });
});

/**
 * Real agents against a real Vault and a real API server, each with one fault: what the agent logs is diagnosed as that
 * fault. `UPDATE=1` writes the logs to test/fixtures/agent-logs.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderFlyteTemplate, renderTemplate } from "../../src/core/vault/template.ts";
import { renderVariableTemplate } from "../../src/core/vault/variable.ts";
import { type Cluster, startCluster } from "../cluster/fixture/api-server.ts";
import { createAuthority } from "../cluster/fixture/certificate.ts";
import { diagnoseLog } from "../diagnose/pods.ts";
import { freePort } from "../fixtures/free-port.ts";
import { type AgentOptions, createToken, runAgent, startVault, type Vault } from "./vault.ts";

const LOGS = join(import.meta.dir, "../fixtures/agent-logs");
let cluster: Cluster;
let vault: Vault;
let token: string;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.createNamespace("team-a");
  vault = await startVault(cluster);
  token = await createToken(cluster, "team-a", "default");
}, 2_400_000);

afterAll(async () => {
  await vault?.stop();
  await cluster?.stop();
});

/** Runs an agent that differs from a good one in some options. */
async function diagnose(name: string, options: Partial<AgentOptions>) {
  const log = await runAgent(cluster, {
    address: vault.address,
    token: { text: token },
    templates: [renderTemplate("kv2", "secret/data/team", "api_key")],
    ...options,
  });
  if (process.env.UPDATE) await writeFile(join(LOGS, `${name}.log`), anonymise(log));
  return { log, code: diagnoseLog(log)?.code };
}

/** Ports, times and the machine's own name differ from run to run. */
function anonymise(log: string): string {
  return log
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:8200")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)/g, "2026-11-26T08:00:00.000Z");
}

describe("a real agent", () => {
  test("that gets its secret: no fault", async () => {
    const { log, code } = await diagnose("healthy", {});
    expect(log).toContain("authentication successful");
    expect(code).toBeUndefined();
  });

  const kv2 = (path: string, key: string) => [renderTemplate("kv2", path, key)];
  test.each<readonly [string, string, Partial<AgentOptions>]>([
    ["role-unknown", "diagnose.role-unknown", { role: "absent" }],
    ["account-not-bound", "diagnose.account-not-bound", { role: "other-account" }],
    ["namespace-not-bound", "diagnose.namespace-not-bound", { role: "other-namespace" }],
    ["audience", "diagnose.audience", { role: "other-audience" }],
    ["auth-path", "diagnose.login-denied", { mount: "auth/absent" }],
    ["token-rejected", "diagnose.login-denied", { token: { text: "not.a.token" } }],
    [
      "token-missing",
      "diagnose.token-missing",
      { token: { file: "/var/run/secrets/kubernetes.io/serviceaccount/absent" } },
    ],
    ["read-denied", "diagnose.read-denied", { templates: kv2("secret/data/other", "api_key") }],
    ["secret-missing", "diagnose.secret-missing", { templates: kv2("secret/data/absent", "api_key") }],
    [
      "variable-unfit",
      "diagnose.variable-unfit",
      { templates: [renderVariableTemplate("kv2", "secret/data/team", "quoted")] },
    ],
    ["key-missing-guarded", "diagnose.key-missing", { templates: kv2("secret/data/team", "no-such-key") }],
    [
      "key-missing",
      "diagnose.key-missing",
      { templates: kv2("secret/data/team", "absent"), errorOnMissingKey: true },
    ],
    [
      "template",
      "diagnose.template",
      { templates: [renderFlyteTemplate("kv2", "secret/data/team", "api-key")] },
    ],
    ["kv-version", "diagnose.kv-version", { templates: kv2("kv1/team", "api_key"), errorOnMissingKey: true }],
    ["dns", "diagnose.dns", { address: "http://vault.does-not-exist.invalid:8200" }],
  ])("%s", async (name, wanted, options) => {
    expect(await diagnose(name, options)).toEqual({ log: expect.any(String), code: wanted as never });
  });

  test("refused: nothing listens", async () => {
    const address = `http://127.0.0.1:${await freePort()}`;
    expect((await diagnose("refused", { address })).code).toBe("diagnose.refused");
  });

  test("timeout: something listens and never answers", async () => {
    const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } });
    const address = `http://127.0.0.1:${silent.port}`;
    expect((await diagnose("timeout", { address, milliseconds: 9_000 })).code).toBe("diagnose.timeout");
    silent.stop(true);
  });

  test("TLS: unknown authority, another name, and a server without TLS", async () => {
    const authority = await createAuthority("vault-tests");
    const serve = async (names: readonly string[]) =>
      Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        tls: await authority.issue(names),
        fetch: () => new Response("{}"),
      });
    const caFile = join(cluster.folder, "vault-ca.pem");
    await writeFile(caFile, authority.ca);
    const [known, other] = [await serve(["127.0.0.1"]), await serve(["other.example"])];
    const at = (port: number | undefined) => ({ address: `https://127.0.0.1:${port}` });
    const codes = [
      await diagnose("tls-authority", at(known.port)),
      await diagnose("tls-name", { ...at(other.port), vault: { ca_cert: caFile } }),
      await diagnose("tls-plain", { address: vault.address.replace("http:", "https:") }),
    ].map(({ code }) => code);
    for (const server of [known, other]) server.stop(true);
    expect(codes).toEqual(["diagnose.tls-authority", "diagnose.tls-name", "diagnose.tls-plain"]);
  });

  test("quota: logins above a rate limit", async () => {
    await vault.request("POST", "sys/quotas/rate-limit/logins", {
      path: "auth/kubernetes/login",
      rate: 0.001,
      interval: "60s",
    });
    // The first login uses the quota up.
    await runAgent(cluster, {
      address: vault.address,
      token: { text: token },
      templates: [renderTemplate("kv2", "secret/data/team", "api_key")],
    });
    expect((await diagnose("quota", {})).code).toBe("diagnose.quota");
    await vault.request("DELETE", "sys/quotas/rate-limit/logins");
  });

  // The last one: a sealed Vault answers nobody.
  test("sealed", async () => {
    await vault.request("POST", "sys/seal");
    expect((await diagnose("sealed", {})).code).toBe("diagnose.sealed");
  });
});

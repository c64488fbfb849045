/**
 * Replicas that come and go while pods are created. What must hold: no pod is stored without its secrets. What is refused
 * meanwhile is counted and stated.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { type Authority, createAuthority } from "./fixture/certificate.ts";
import { createWhile, state } from "./fixture/creation.ts";
import { registerInProcess, startInProcess } from "./fixture/injector.ts";
import { flytePod, hasSecrets } from "./fixture/pod.ts";
import { run, until } from "./fixture/process.ts";
import { register, unregister, untilAdmission, untilRegistered } from "./fixture/registration.ts";
import { type Service, startService } from "./fixture/service.ts";
import { startWebhook, type Webhook, writeCertificate } from "./fixture/webhook.ts";

/** The commit that stands for the version before this one; the tag of the last release, once there is one. */
const PREVIOUS = "5c5c1757";

let cluster: Cluster;
let authority: Authority;
let service: Service;
let replicas: Webhook[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  authority = await createAuthority("lifecycle");
  service = await startService();
  replicas = await Promise.all([startReplica(), startReplica()]);
  await register(cluster, { port: service.port, ca: authority.ca });
  await untilRegistered(cluster);
}, 900_000);

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop("SIGKILL")));
  service?.stop();
  await cluster?.stop();
});

async function startReplica(root?: string): Promise<Webhook> {
  const replica = await startWebhook({
    folder: cluster.folder,
    authority,
    ...(root !== undefined && { root }),
  });
  service.endpoints.add(replica.port);
  return replica;
}

/** What Kubernetes does to a replica it replaces: no new connections, preStop, SIGTERM, and it ends by itself. */
async function endReplica(replica: Webhook): Promise<void> {
  service.endpoints.delete(replica.port);
  await Bun.sleep(500);
  expect(await replica.stop("SIGTERM")).toBe(0);
}

/** A rolling update with maxSurge 1, maxUnavailable 0. */
async function roll(root?: string): Promise<void> {
  for (const old of replicas) {
    const fresh = await startReplica(root);
    replicas = [...replicas.filter((one) => one !== old), fresh];
    await endReplica(old);
  }
}

describe("while pods are created", () => {
  test("all replicas are killed and restarted: refused meanwhile, and nothing slips through", async () => {
    const tally = await createWhile(cluster, "killed", async () => {
      await Bun.sleep(1000);
      for (const { port } of replicas) service.endpoints.delete(port);
      await Promise.all(replicas.map((replica) => replica.stop("SIGKILL")));
      await Bun.sleep(1000);
      replicas = await Promise.all([startReplica(), startReplica()]);
      await Bun.sleep(1000);
    });
    state("all replicas killed and restarted", tally);
    expect(tally.without).toEqual([]);
    expect(tally.refusals).toBeGreaterThan(0);
    expect(tally.withSecrets).toBeGreaterThan(0);
    for (const reason of Object.keys(tally.refused)) expect(reason).toMatch(/EOF|connect|reset|broken pipe/);
  });

  test("one of two replicas is killed: the other serves on", async () => {
    const [victim] = replicas;
    const tally = await createWhile(cluster, "one", async () => {
      await Bun.sleep(500);
      await victim?.stop("SIGKILL");
      if (victim) service.endpoints.delete(victim.port); // its readiness probe fails
      await Bun.sleep(1000);
    });
    state("one of two replicas killed", tally);
    expect(tally.without).toEqual([]);
    // Requests that were with it, and those that were sent on a connection of the API server's pool before it saw its end.
    expect(tally.refusals).toBeLessThanOrEqual(16);
    replicas = [...replicas.filter((one) => one !== victim), await startReplica()];
  });

  test("a rolling update", async () => {
    const tally = await createWhile(cluster, "rolled", async () => {
      await Bun.sleep(500);
      await roll();
      await Bun.sleep(500);
    });
    state("rolling update", tally);
    expect(tally.without).toEqual([]);
    expect(tally.withSecrets).toBeGreaterThan(20);
    expect(tally.refused).toEqual({});
  });

  test("an upgrade from the version before this one, and a second pass by the other version", async () => {
    const previous = await checkOut(PREVIOUS);
    await roll(previous);
    const late = await startInProcess((pod) =>
      pod.metadata.labels?.late ? [] : [{ op: "add", path: "/metadata/labels/late", value: "yes" }],
    );
    await registerInProcess(cluster, "zz-late", late);
    await untilAdmission(cluster, "the late webhook is called", ({ text }) => text.includes('"late":"yes"'));
    const tally = await createWhile(cluster, "upgraded", async () => {
      await Bun.sleep(500);
      await roll();
      await Bun.sleep(500);
    });
    late.stop();
    await unregister(cluster, "zz-late");
    state("upgrade", tally);
    expect(tally.without).toEqual([]); // which counts files too: a second set would be seen
    expect(tally.withSecrets).toBeGreaterThan(20);
    // The version before this one closes its connections without a warning: at most one for each creator and replica.
    expect(tally.refusals).toBeLessThanOrEqual(8);
  });
});

describe("certificates", () => {
  test("a renewed certificate, by the same authority, while pods are created", async () => {
    const before = await Promise.all(replicas.map(shown));
    const tally = await createWhile(cluster, "renewed", async () => {
      for (const { folder } of replicas) await writeCertificate(folder, authority);
      for (const [at, replica] of replicas.entries())
        await until("the new certificate is served", async () => (await shown(replica)) !== before[at]);
      await Bun.sleep(1000);
    });
    state("renewed certificate", tally);
    expect(tally.without).toEqual([]);
    expect(tally.refused).toEqual({});
    expect(replicas.every((replica) => replica.alive())).toBe(true);
  });

  test("a new authority: the registration trusts both while the replicas are replaced", async () => {
    const old = authority;
    const tally = await createWhile(cluster, "trusted", async () => {
      const next = await createAuthority("the next one");
      await register(cluster, { port: service.port, ca: `${old.ca}\n${next.ca}\n` });
      await Bun.sleep(1000); // the API server has read it
      authority = next;
      await roll();
      await register(cluster, { port: service.port, ca: next.ca });
      await Bun.sleep(1000);
    });
    state("new authority", tally);
    expect(tally.without).toEqual([]);
    expect(tally.refused).toEqual({});
  });

  test("a registration that trusts another authority: refused, with the reason", async () => {
    const other = await createAuthority("someone else");
    await register(cluster, { port: service.port, ca: other.ca });
    await untilAdmission(
      cluster,
      "not trusted",
      ({ status, text }) => status === 500 && text.includes("x509"),
    );
    const { stderr } = await cluster.kubectl(["create", "-f", "-"], JSON.stringify(flytePod("untrusted")));
    expect(stderr).toMatch(
      /failed calling webhook "secrets\.flyte-vault-webhook\.io".*certificate signed by unknown authority/,
    );
    await register(cluster, { port: service.port, ca: authority.ca });
    await untilRegistered(cluster);
    const shown = await cluster.mustKubectl(
      ["create", "-o", "json", "-f", "-"],
      JSON.stringify(flytePod("trusted-again")),
    );
    expect(hasSecrets(JSON.parse(shown))).toBe(true);
  });
});

/** Serial number of the certificate that a replica shows. */
function shown({ port }: Webhook): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      resolve(new X509Certificate(raw).serialNumber);
    });
    socket.on("error", reject);
  });
}

/** Another version of this project beside this one, with the same packages. */
async function checkOut(commit: string): Promise<string> {
  const root = join(import.meta.dir, "../..");
  const folder = join(cluster.folder, "previous");
  await mkdir(folder);
  const unpack = `git -C "${root}" archive ${commit} | tar -x -C "${folder}"`;
  const { code, stderr } = await run(["sh", "-c", unpack]);
  if (code !== 0)
    throw new Error(`The upgrade needs commit ${commit} in this clone (git fetch --unshallow): ${stderr}`);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

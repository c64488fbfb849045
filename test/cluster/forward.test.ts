/** `kubectl port-forward`, and what `doctor` sees through it: certificates and readiness of each endpoint, or why not. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { withForward } from "../../src/cluster/forward.ts";
import { createWorkplace, type Workplace } from "../cli/harness.ts";
import { type Authority, createAuthority } from "./fixture/certificate.ts";
import { type Answers, type Forward, renderKubectl } from "./kubectl.ts";

// kubectl's own messages (kubectl `pkg/cmd/portforward`, client-go `tools/portforward`, API server).
const FORBIDDEN =
  'error: error upgrading connection: pods "webhook-1" is forbidden: User "dev" cannot create resource "pods/portforward" in API group "" in the namespace "webhooks"';
const PENDING = "error: unable to forward port because pod is not running. Current status=Pending";
const LOST =
  "an error occurred forwarding 40000 -> 9443: error forwarding port 9443 to pod 0a1b, uid : failed to connect to localhost:9443 inside namespace, IPv4: dial tcp4 127.0.0.1:9443: connect: connection refused";

const NAME = "flyte-vault-webhook.webhooks.svc";
let place: Workplace;
let authority: Authority;
let stranger: Authority;
const servers: { stop: (force: boolean) => unknown }[] = [];
const env = () => ({ PATH: `${place.folder}/bin:/usr/bin:/bin` });

beforeAll(async () => {
  place = createWorkplace();
  place.write("bin/kubectl", renderKubectl(place.folder));
  chmodSync(`${place.folder}/bin/kubectl`, 0o755);
  [authority, stranger] = [await createAuthority("webhook"), await createAuthority("somebody else")];
});
afterAll(() => place.remove());
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

function answer(answers: Partial<Answers>): void {
  place.write("answers.json", JSON.stringify({ get: {}, forward: {}, ...answers }));
}

function serve(
  tls: { readonly cert: string; readonly key: string } | undefined,
  body: object = {},
  status = 200,
) {
  const server = Bun.serve({
    ...{ hostname: "127.0.0.1", port: 0, ...(tls && { tls }) },
    fetch: () => Response.json(body, { status }),
  });
  servers.push(server);
  return { to: server.port ?? 0 };
}

const ready = (detail: string, status = 200) => serve(undefined, { checks: { config: { detail } } }, status);

describe("withForward", () => {
  const forward = (patience?: number) =>
    withForward(
      "pod/webhook-1",
      "webhooks",
      8080,
      [],
      { env: env(), cwd: place.folder },
      async (port) => (await fetch(`http://127.0.0.1:${port}/`)).json(),
      patience,
    );

  test("hands on the port that kubectl has opened, and ends kubectl afterwards", async () => {
    answer({ forward: { "pod/webhook-1:8080": serve(undefined, { seen: true }) } });
    let used = 0;
    const result = await withForward(
      "pod/webhook-1",
      "webhooks",
      8080,
      [],
      { env: env(), cwd: place.folder },
      async (port) => {
        used = port;
        return (await fetch(`http://127.0.0.1:${port}/`)).json();
      },
    );
    expect(result).toMatchObject({ ok: true, value: { seen: true } });
    for (let i = 0; i < 100; i++) {
      if (!(await fetch(`http://127.0.0.1:${used}/`).catch(() => undefined))) return;
      await Bun.sleep(20);
    }
    throw new Error("kubectl still forwards");
  });

  test.each<readonly [string, Forward, RegExp]>([
    ["no right", { says: FORBIDDEN }, /cannot create resource "pods\/portforward"/],
    ["a pod that does not run", { says: PENDING }, /Current status=Pending/],
    ["a kubectl that hangs", { hangs: true }, /opened no port within 0\.5 s/],
  ])("%s: the reason", async (_, port, reason) => {
    answer({ forward: { "pod/webhook-1:8080": port } });
    const result = await forward(500);
    expect(result.ok ? "" : result.issues[0].message).toMatch(reason);
  });
});

const REGISTRATION = "00-flyte-vault-webhook";
const labels = { "inject-flyte-secrets": "true" };

/** A cluster with this webhook's registration, its Service, and pods behind it. */
function createCluster(pods: Readonly<Record<string, boolean>>): Answers["get"] {
  const clientConfig = {
    caBundle: Buffer.from(authority.ca).toString("base64"),
    service: { namespace: "webhooks", name: "flyte-vault-webhook", port: 443 },
  };
  const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }];
  return {
    mutatingwebhookconfigurations: [
      {
        metadata: { name: REGISTRATION },
        webhooks: [
          {
            ...{ name: "secrets.flyte-vault-webhook.io", clientConfig, rules, failurePolicy: "Fail" },
            ...{ timeoutSeconds: 10, objectSelector: { matchLabels: labels } },
          },
        ],
      },
    ],
    services: [{ metadata: { namespace: "webhooks", name: "flyte-vault-webhook" } }],
    endpointslices: [
      {
        ports: [{ name: "webhook", port: 9443 }],
        endpoints: Object.entries(pods).map(([name, isReady]) => ({
          conditions: { ready: isReady },
          targetRef: { kind: "Pod", name, namespace: "webhooks" },
        })),
      },
    ],
    pods: Object.keys(pods).map((name) => ({
      metadata: { name, namespace: "webhooks" },
      spec: { containers: [{ ports: [{ name: "management", containerPort: 9090 }] }] },
    })),
  };
}

interface Row {
  readonly check: string;
  readonly verdict: string;
  readonly detail: string;
  readonly issues: readonly { readonly code: string; readonly message: string }[];
}

async function examine(get: Answers["get"], forward: Answers["forward"]) {
  answer({ get, forward });
  const { stdout, stderr } = await place.run(["doctor", "-o", "json"], { env: env() });
  if (stdout === "") throw new Error(stderr);
  const { checks }: { readonly checks: readonly Row[] } = JSON.parse(stdout);
  const rowOf = (name: string) => checks.find(({ check }) => check === name);
  return { certificates: rowOf("certificates"), replicas: rowOf("replicas") };
}

describe("doctor through forwarded ports", () => {
  test("every endpoint's certificate, and every replica's configuration: nothing to find", async () => {
    const tls = await authority.issue([NAME]);
    const { certificates, replicas } = await examine(
      createCluster({ "webhook-1": true, "webhook-2": true }),
      {
        "pod/webhook-1:9443": serve(tls),
        "pod/webhook-2:9443": serve(tls),
        "pod/webhook-1:9090": ready("0a1b2c3d4e5f6a7b"),
        "pod/webhook-2:9090": ready("0a1b2c3d4e5f6a7b"),
      },
    );
    expect(certificates).toMatchObject({
      verdict: "fine",
      detail: "2 served certificates match their caBundle",
    });
    expect(replicas).toMatchObject({ verdict: "fine", detail: "2 replicas with configuration 0a1b2c3d4e5f" });
  });

  test("one endpoint with a certificate of another authority, one with another name: each is named", async () => {
    const { certificates } = await examine(
      createCluster({ "webhook-1": true, "webhook-2": true, "webhook-3": true }),
      {
        "pod/webhook-1:9443": serve(await authority.issue([NAME])),
        "pod/webhook-2:9443": serve(await stranger.issue([NAME])),
        "pod/webhook-3:9443": serve(await authority.issue(["other.svc"])),
      },
    );
    expect(certificates?.issues.map(({ code }) => code)).toEqual([
      "doctor.ca-mismatch",
      "doctor.ca-mismatch",
    ]);
    expect(certificates?.issues[0]?.message).toContain("webhooks/webhook-2:9443");
    expect(certificates?.issues[1]?.message).toContain("webhooks/webhook-3:9443");
    expect(certificates?.issues[1]?.message).toContain("it is for other.svc");
  });

  test("replicas with different configurations, one that is not ready, one that does not run", async () => {
    const pods = { "webhook-1": true, "webhook-2": true, "webhook-3": true, "webhook-4": true };
    const { replicas } = await examine(createCluster(pods), {
      "pod/webhook-1:9090": ready("0a1b2c3d4e5f6a7b"),
      "pod/webhook-2:9090": ready("ffffffffffff0000"),
      "pod/webhook-3:9090": ready("plugin x timed out", 503),
      "pod/webhook-4:9090": { says: PENDING },
    });
    expect(replicas?.issues.map(({ code }) => code)).toEqual([
      "doctor.replica-unready",
      "doctor.replica-unready",
      "doctor.configurations-differ",
    ]);
    expect(JSON.stringify(replicas?.issues)).toContain("plugin x timed out");
    expect(JSON.stringify(replicas?.issues)).toContain("Current status=Pending");
  });

  test("no right to forward: not checked, with the reason, and no finding", async () => {
    const { certificates, replicas } = await examine(createCluster({ "webhook-1": true }), {
      "pod/webhook-1:9443": { says: FORBIDDEN },
      "pod/webhook-1:9090": { says: FORBIDDEN },
    });
    for (const row of [certificates, replicas])
      expect(row).toMatchObject({
        verdict: "not checked",
        issues: [],
        detail: expect.stringContaining('cannot create resource "pods/portforward"'),
      });
  });

  test("nothing listens in the pod: found, with what happened", async () => {
    const { certificates } = await examine(createCluster({ "webhook-1": true }), {
      "pod/webhook-1:9443": { lost: LOST },
    });
    expect(certificates?.issues.map(({ code }) => code)).toEqual(["doctor.unreachable"]);
    expect(certificates?.issues[0]?.message).toContain("webhooks/webhook-1:9443");
  });

  test("a Service without an endpoint that is ready: found without waiting for a pod", async () => {
    const { certificates } = await examine(createCluster({ "webhook-1": false }), {});
    expect(certificates?.issues.map(({ message }) => message)).toEqual([
      expect.stringContaining("its Service has no endpoint that is ready"),
    ]);
  });

  test("slices that may not be read: the Service itself", async () => {
    const get = {
      ...createCluster({}),
      endpointslices: "Error from server (Forbidden): endpointslices.discovery.k8s.io is forbidden",
    };
    const forward = { "service/flyte-vault-webhook:443": serve(await authority.issue([NAME])) };
    const { certificates } = await examine(get, forward);
    expect(certificates).toMatchObject({
      verdict: "fine",
      detail: "1 served certificates match their caBundle",
    });
  });
});

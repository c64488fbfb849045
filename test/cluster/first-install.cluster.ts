/** The first `kubectl apply -k` into a cluster that knows nothing of us: what is refused meanwhile, and what never is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { flytePod } from "./fixture/pod.ts";
import { untilAdmission } from "./fixture/registration.ts";
import { installStubs } from "./fixture/stubs.ts";

const OVERLAYS = join(import.meta.dir, "../../config/kubernetes/overlays");
const REGISTRATION = "mutatingwebhookconfiguration.admissionregistration.k8s.io/00-flyte-vault-webhook";
const DEPLOYMENT = ["-n", "flyte-vault-webhook", "get", "deployment", "-o", "json"];

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
}, 900_000);

afterAll(() => cluster?.stop());

const apply = (name: string, ...flags: readonly string[]) =>
  cluster.kubectl(["apply", "-k", join(OVERLAYS, name), ...flags]);

/** The answer to the creation of a pod that is not stored. */
async function create(namespace: string, pod: object): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  return (await cluster.request("POST", path, pod)).status;
}

const ordinary = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "ordinary" },
  spec: { containers: [{ name: "c", image: "i" }] },
};

/** What the Deployment controller would create in our namespace. */
async function ownPod(): Promise<object> {
  const { items } = JSON.parse(await cluster.mustKubectl(DEPLOYMENT));
  const { metadata, spec } = items[0].spec.template;
  return { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, generateName: "own-" }, spec };
}

describe("a first installation in two steps", () => {
  const WITHOUT = ["-l", "app.kubernetes.io/component notin (registration, guard)"];

  test("where the kinds of an operator are missing, they are named, everything else is applied, and nobody is refused", async () => {
    const { code, stdout, stderr } = await apply("everything", ...WITHOUT);
    expect(code).toBe(1);
    for (const kind of ["Certificate", "Issuer", "ServiceMonitor"])
      expect(stderr).toContain(`no matches for kind "${kind}"`);
    expect(stderr).toContain("ensure CRDs are installed first");
    expect(stdout).toContain("deployment.apps/flyte-vault-webhook created");
    expect(stdout).not.toContain("admissionregistration");
    expect(await create("default", flytePod("task"))).toBe(201);
  });

  test("with them the first step is whole, our pods are created, and tasks' pods are still left alone", async () => {
    await installStubs(cluster);
    expect(await apply("cert-manager", ...WITHOUT)).toMatchObject({ code: 0, stderr: "" });
    expect(await create("flyte-vault-webhook", await ownPod())).toBe(201);
    expect(await create("default", flytePod("task"))).toBe(201);
  });

  test("the second step adds the registration and the guard, the registration last", async () => {
    const { code, stdout, stderr } = await apply("cert-manager");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const created = stdout.split("\n").filter((line) => line.endsWith(" created"));
    expect(created).toHaveLength(5);
    expect(created.at(-1)).toBe(`${REGISTRATION} created`);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`${REGISTRATION} created`);
  });
});

describe("while the registration is there and the webhook is not", () => {
  test("pods that ask for secrets are refused", async () => {
    await untilAdmission(cluster, "the webhook is called", ({ status }) => status === 500);
    const { code, stderr } = await cluster.kubectl(["create", "-f", "-"], JSON.stringify(flytePod("task")));
    expect(code).toBe(1);
    expect(stderr).toContain('failed calling webhook "secrets.flyte-vault-webhook.io"');
  });

  test("our own pods and everybody else's are created", async () => {
    expect(await create("flyte-vault-webhook", await ownPod())).toBe(201);
    expect(await create("default", ordinary)).toBe(201);
  });
});

test("everything at once into an empty cluster: one command, the registration last, and our own pods are never blocked", async () => {
  const empty = await startCluster();
  try {
    await installStubs(empty);
    const { code, stdout, stderr } = await empty.kubectl(["apply", "-k", join(OVERLAYS, "everything")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(`${REGISTRATION} created`);
    const { items } = JSON.parse(await empty.mustKubectl(DEPLOYMENT));
    expect(items).toHaveLength(2);
    for (const { spec } of items) {
      const { metadata, spec: pod } = spec.template;
      const own = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...metadata, generateName: "own-" },
        spec: pod,
      };
      const answer = await empty.request("POST", "/api/v1/namespaces/flyte-vault-webhook/pods", own);
      expect(answer.status).toBe(201);
    }
  } finally {
    await empty.stop();
  }
}, 60_000);

/** `doctor` and `diagnose pod` with the real kubectl on a real API server, faults planted one at a time and together. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createWorkplace, type Workplace } from "../cli/harness.ts";
import { freePort } from "../fixtures/free-port.ts";
import { type Cluster, mustRequest, startCluster } from "./fixture/api-server.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { type InProcessWebhook, registerInProcess, startInjector } from "./fixture/injector.ts";
import { flytePod } from "./fixture/pod.ts";
import {
  CONFIGURATIONS,
  register,
  unregister,
  untilAdmission,
  untilRegistered,
} from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

const OURS = "00-flyte-vault-webhook";
const INJECTOR = "vault-agent-injector-cfg";
let cluster: Cluster;
let webhook: Webhook;
let injector: InProcessWebhook;
let place: Workplace;

beforeAll(async () => {
  cluster = await startCluster();
  webhook = await startWebhook({ folder: cluster.folder });
  injector = await startInjector();
  place = createWorkplace();
  await mkdir(join(cluster.folder, "bin"));
  await symlink(cluster.assets.kubectl, join(cluster.folder, "bin", "kubectl"));
  await registerInProcess(cluster, INJECTOR, injector, {
    failurePolicy: "Fail",
    objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
  });
  await register(cluster, webhook, ["injection-guard"]);
  await untilRegistered(cluster);
  await untilAdmission(cluster, "the injector is called", ({ text }) => text.includes("vault-agent-init"));
}, 900_000);

afterAll(async () => {
  injector?.stop();
  await webhook?.stop();
  await cluster?.stop();
  place?.remove();
});

const env = () => ({
  PATH: `${cluster.folder}/bin:/usr/bin:/bin`,
  KUBECONFIG: cluster.kubeconfig,
  HOME: cluster.folder,
});

async function examine(...args: readonly string[]) {
  const { code, stdout, stderr } = await place.run(["doctor", "-o", "json", ...args], { env: env() });
  if (stdout === "") throw new Error(stderr);
  const { checks } = JSON.parse(stdout) as {
    checks: { check: string; verdict: string; detail: string; issues: { code: string }[] }[];
  };
  return {
    code,
    checks,
    codes: checks.flatMap(({ issues }) => issues.map((issue) => issue.code)).toSorted(),
  };
}

/** Findings of this cluster without a fault: the guard warns only, and no namespace of the tests' own is left out. */
const ALWAYS = ["doctor.guard-warns"];

async function patch(name: string, operations: readonly object[]): Promise<void> {
  await cluster.mustKubectl([
    "patch",
    "mutatingwebhookconfiguration",
    name,
    "--type=json",
    "-p",
    JSON.stringify(operations),
  ]);
  await Bun.sleep(500);
}

describe("doctor", () => {
  test("a good cluster: nothing but that the guard only warns, and replicas that cannot be looked at", async () => {
    const { codes, checks, code } = await examine();
    expect([codes, code]).toEqual([ALWAYS as never, 0]);
    expect(checks.filter(({ verdict }) => verdict === "not checked").map(({ check }) => check)).toEqual([
      "replicas",
      "injector",
    ]);
    expect(checks.find(({ check }) => check === "certificates")?.detail).toContain("2 served certificates");
  });

  const value = "x";
  test.each<readonly [string, string, object, object]>([
    [
      "doctor.failure-policy",
      "00-flyte-vault-webhook",
      { op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" },
      { op: "replace", path: "/webhooks/0/failurePolicy", value: "Fail" },
    ],
    [
      "doctor.timeouts",
      "00-flyte-vault-webhook",
      { op: "replace", path: "/webhooks/0/timeoutSeconds", value: 30 },
      { op: "replace", path: "/webhooks/0/timeoutSeconds", value: 10 },
    ],
    [
      "doctor.nobody-serves",
      "00-flyte-vault-webhook",
      {
        op: "add",
        path: "/webhooks/0/namespaceSelector/matchExpressions/-",
        value: { key: "kubernetes.io/metadata.name", operator: "NotIn", values: [value] },
      },
      { op: "remove", path: "/webhooks/0/namespaceSelector/matchExpressions/1" },
    ],
  ])("%s", async (code, name, plant, undo) => {
    if (code === "doctor.nobody-serves") await cluster.createNamespace(value);
    await patch(name, [plant]);
    const { codes } = await examine();
    await patch(name, [undo]);
    expect(codes).toEqual([...ALWAYS, code].toSorted() as never);
  });

  test("doctor.ca-mismatch: with what the API server makes of it", async () => {
    const { ca } = await createAuthority("somebody else");
    const path = "/webhooks/0/clientConfig/caBundle";
    await patch(INJECTOR, [{ op: "replace", path, value: Buffer.from(ca).toString("base64") }]);
    await untilAdmission(cluster, "the injector is not trusted", ({ text }) => text.includes("certificate"));
    const { codes, code } = await examine();
    await patch(INJECTOR, [{ op: "replace", path, value: Buffer.from(injector.ca).toString("base64") }]);
    expect([codes, code]).toEqual([
      [...ALWAYS, "doctor.ca-mismatch", "doctor.dry-run-refused"].toSorted() as never,
      1,
    ]);
  });

  test("doctor.order and doctor.dry-run-bare: registered too late", async () => {
    await unregister(cluster, "00-flyte-vault-webhook");
    await register(cluster, { ...webhook, name: "zz-flyte-vault-webhook" });
    await untilAdmission(
      cluster,
      "it is called last",
      ({ text }) => text.includes("agent-inject-file-") && !text.includes("vault-agent-init"),
    );
    const { codes } = await examine();
    await unregister(cluster, "zz-flyte-vault-webhook");
    expect(codes).toEqual([...ALWAYS, "doctor.dry-run-bare", "doctor.order"].toSorted() as never);
  });

  test("faults together: each is found; --before-switch forgives the first", async () => {
    await patch(INJECTOR, [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }]);
    await cluster.mustKubectl(["delete", "validatingadmissionpolicy", "--all"]).catch(() => {});
    const listed = await mustRequest(
      cluster,
      "GET",
      "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    );
    for (const { metadata } of listed.items)
      await mustRequest(
        cluster,
        "DELETE",
        `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${metadata.name}`,
      );
    injector.stop();
    const { codes } = await examine();
    expect(codes).toEqual([
      "doctor.dry-run-bare",
      "doctor.guard-missing",
      "doctor.injector-ignored",
      "doctor.not-registered",
      "doctor.unreachable",
    ] as never);
    expect((await examine("--before-switch")).codes).not.toContain("doctor.not-registered");
  });

  test("who may see nothing gets no finding", async () => {
    const kubeconfig = join(cluster.folder, "nobody");
    // A service account without a role: the API server knows it and allows it nothing.
    const path = "/api/v1/namespaces/default/serviceaccounts/default/token";
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
    const { status } = await mustRequest(cluster, "POST", path, body);
    const config = JSON.parse(await Bun.file(cluster.kubeconfig).text());
    config.users[0].user.token = status.token;
    const text = JSON.stringify(config);
    await writeFile(kubeconfig, text);
    await chmod(kubeconfig, 0o600);
    const { stdout, code } = await place.run(["doctor", "-o", "json", "--kubeconfig", kubeconfig], {
      env: env(),
    });
    const { checks } = JSON.parse(stdout || "{}");
    expect(code).toBe(0);
    expect(
      checks.every(({ verdict }: { verdict: string }) => verdict === "not checked" || verdict === "fine"),
    ).toBe(true);
  });
});

describe("diagnose pod", () => {
  test("a pod that was created while nobody was registered, from the cluster", async () => {
    await mustRequest(cluster, "DELETE", `${CONFIGURATIONS}/${INJECTOR}`);
    await Bun.sleep(500);
    await mustRequest(cluster, "POST", "/api/v1/namespaces/default/pods", flytePod("alone"));
    expect(await diagnose("alone")).toMatch(
      /hangs because no webhook that serves secret requests is registered/,
    );
  });

  test("one that is registered later, one that excludes the pod, and one whose failures are ignored", async () => {
    // The API server's times have no fractions of a second.
    await Bun.sleep(1_100);
    await register(cluster, webhook);
    expect(await diagnose("alone")).toContain("was registered after the pod had been created");
    const value = { matchLabels: { flyte: "yes" } };
    await patch(OURS, [{ op: "replace", path: "/webhooks/0/namespaceSelector", value }]);
    expect(await diagnose("alone")).toContain("no registration selects the pod");
    await unregister(cluster, OURS);
    await register(cluster, {
      ...webhook,
      port: await freePort(),
      operations: [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }],
    });
    // Later than the registration, by the same clock.
    await Bun.sleep(1_100);
    await mustRequest(cluster, "POST", "/api/v1/namespaces/default/pods", flytePod("ignored"));
    const said = await diagnose("ignored");
    expect(said).toContain(`"${OURS}" did not answer, and its failurePolicy is Ignore`);
    expect(said).toContain("it does not answer now");
  });

  async function diagnose(name: string): Promise<string> {
    const { stdout, code } = await place.run(["diagnose", "pod", name], { env: env() });
    expect(code).toBe(1);
    return stdout;
  }
});

/** The commands of `migrate plan`, run as they are printed: kubectl's own, and `manifests` piped into `kubectl apply`. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createPlan, type PlanStep } from "../../src/migrate/plan.ts";
import { createWorkplace, type Workplace } from "../cli/harness.ts";
import { type Cluster, mustRequest, startCluster } from "./fixture/api-server.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { run } from "./fixture/process.ts";
import { CONFIGURATIONS } from "./fixture/registration.ts";

const FLYTES = "flyte-pod-webhook";
const SELECTOR = { matchLabels: { "inject-flyte-secrets": "true" } };
let cluster: Cluster;
let place: Workplace;
let ca: string;

beforeAll(async () => {
  cluster = await startCluster();
  ca = (await createAuthority("plan-tests")).ca;
  place = createWorkplace({
    "webhook.yaml": "webhook: { vaultSecretManager: { role: flyte } }\n",
    "ca.pem": ca,
  });
  await mkdir(join(cluster.folder, "bin"));
  await symlink(cluster.assets.kubectl, join(cluster.folder, "bin", "kubectl"));
  // As Flyte writes it: by Service, with its authority.
  await mustRequest(cluster, "POST", CONFIGURATIONS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: FLYTES },
    webhooks: [
      {
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: {
          service: { namespace: "flyte", name: FLYTES, path: "/mutate--v1-pod", port: 443 },
          caBundle: Buffer.from(ca).toString("base64"),
        },
        ...{ admissionReviewVersions: ["v1", "v1beta1"], failurePolicy: "Fail", sideEffects: "NoneOnDryRun" },
        rules: [{ apiGroups: ["*"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        objectSelector: SELECTOR,
      },
    ],
  });
}, 900_000);

afterAll(async () => {
  await cluster?.stop();
  place?.remove();
});

/** Runs one printed line. Helm and rollouts need what this cluster has not: a chart and a kubelet. */
async function runLine(line: string): Promise<void> {
  if (/^#|^helm |rollout|doctor|^printf|migrate /.test(line)) return;
  const [first = "", rest] = line.split(" | ");
  let stdin = "";
  if (first.startsWith("flyte-vault-webhook ")) {
    const args = first.split(" ").slice(1);
    const printed = await place.run([...args, "--ca-bundle", "ca.pem"]);
    if (printed.code !== 0) throw new Error(printed.stderr);
    stdin = printed.stdout;
  }
  const command = rest ?? first;
  const env = {
    PATH: `${cluster.folder}/bin:/usr/bin:/bin`,
    KUBECONFIG: cluster.kubeconfig,
    HOME: cluster.folder,
  };
  const { code, stderr } = await run(["sh", "-c", command], { stdin, env });
  if (code !== 0) throw new Error(`${command}: ${stderr}`);
}

interface Listed {
  readonly metadata: { readonly name: string };
  readonly webhooks: readonly {
    readonly namespaceSelector: object;
    readonly objectSelector: object;
    readonly clientConfig: { readonly caBundle: string };
  }[];
}

async function registrations(): Promise<Readonly<Record<string, Listed["webhooks"][number]>>> {
  const { items }: { items: readonly Listed[] } = await (await cluster.request("GET", CONFIGURATIONS)).json();
  return Object.fromEntries(
    items.flatMap(({ metadata, webhooks: [first] }) => (first ? [[metadata.name, first]] : [])),
  );
}

const lines = (steps: readonly PlanStep[], part: "commands" | "undo") =>
  steps.flatMap((step) => step[part] ?? []);

test.each([
  [
    "namespaces",
    [
      { by: "namespaces", names: ["team-a"] },
      { by: "namespaces", names: ["team-a", "team-b"] },
    ],
  ],
  [
    "projects",
    [
      { by: "project", names: ["fraud"] },
      { by: "project", names: ["fraud", "search"] },
    ],
  ],
] as const)(
  "forward by %s step by step, and back by each undo: Flyte's registration is as it was",
  async (_, pilots) => {
    const plan = createPlan({ namespace: "flyte", registration: FLYTES, flavor: "core", pilots });
    const pilotsAt = plan.findIndex(({ title }) => title.includes("serves all others"));
    const [first, second, everybody] = plan.slice(pilotsAt, pilotsAt + 3);
    const before = (await registrations())[FLYTES];
    for (const line of lines([first as PlanStep], "commands")) await runLine(line);
    const one = await registrations();
    expect(Object.keys(one)).toEqual(["00-flyte-vault-webhook", FLYTES]);
    // Server-side apply leaves what it does not name.
    expect(one[FLYTES]?.clientConfig.caBundle).toBe(before?.clientConfig.caBundle ?? "");
    for (const line of lines([second as PlanStep], "commands")) await runLine(line);
    expect(JSON.stringify((await registrations())[FLYTES])).toMatch(/team-b|search/);
    for (const line of lines([second as PlanStep], "undo")) await runLine(line);
    expect(await registrations()).toEqual(one);
    for (const line of lines([everybody as PlanStep], "commands")) await runLine(line);
    expect(JSON.stringify((await registrations())[FLYTES])).toContain("DoesNotExist");
    for (const line of lines([everybody as PlanStep], "undo")) await runLine(line);
    const after = await registrations();
    expect(Object.keys(after)).toEqual([FLYTES]);
    expect(after[FLYTES]).toEqual({ ...before, namespaceSelector: {} } as never);
  },
);

test("what ends observing applies everything but a registration", async () => {
  const [pilot] = createPlan({
    namespace: "flyte",
    registration: FLYTES,
    flavor: "core",
    pilots: [{ by: "project", names: ["a"] }],
  }).filter(({ title }) => title.includes("serves all others"));
  const line = pilot?.commands.find((command) => command.includes("component!=registration"));
  await runLine(line ?? "");
  expect(Object.keys(await registrations())).toEqual([FLYTES]);
  await cluster.mustKubectl(["-n", "flyte-vault-webhook", "get", "deployment", "flyte-vault-webhook"]);
});

test("observe as printed: between Flyte's and the injector's, failures ignored", async () => {
  place.write("observe.yaml", "policy: { mode: observe }\n");
  const plan = createPlan({ namespace: "flyte", registration: FLYTES, flavor: "core", pilots: [] });
  const step = plan.find(({ title }) => title.startsWith("Observe"));
  for (const line of step?.commands ?? []) await runLine(line);
  expect(Object.keys(await registrations())).toEqual([FLYTES, "flyte-vault-webhook-observe"]);
  for (const line of step?.undo ?? []) await runLine(line);
  expect(Object.keys(await registrations())).toEqual([FLYTES]);
});

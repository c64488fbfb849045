/** The commands of `migrate plan`, run as they are printed: kubectl's own, and `manifests` piped into `kubectl apply`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPlan, type PlanStep } from "../../src/migrate/plan.ts";
import { type Cluster, mustRequest, startCluster } from "./fixture/api-server.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { serveByFlyte } from "./fixture/flyte.ts";
import { copyFlyteCharts } from "./fixture/flyte-charts.ts";
import { becomeReady, createPlace } from "./fixture/guide.ts";
import { flytePod } from "./fixture/pod.ts";
import { run } from "./fixture/process.ts";
import { CONFIGURATIONS } from "./fixture/registration.ts";
import { installStubs } from "./fixture/stubs.ts";

const FLYTES = "flyte-pod-webhook";
const SELECTOR = { matchLabels: { "inject-flyte-secrets": "true" } };
const CONFIG = "webhook: { vaultSecretManager: { role: flyte } }\n";
let cluster: Cluster;
let place: Place;
let stopReadiness: () => Promise<void>;

type Place = Awaited<ReturnType<typeof createPlace>>;

/** A cluster with cert-manager's kinds, the programs that the plan names, and Flyte's registration. */
async function start(registration: string): Promise<void> {
  cluster = await startCluster();
  stopReadiness = becomeReady(cluster);
  await installStubs(cluster);
  await cluster.createNamespace("flyte");
  place = await createPlace(cluster);
  await writeFile(join(place.folder, "webhook.yaml"), CONFIG);
  await registerFlyte(registration);
}

async function stop(): Promise<void> {
  await stopReadiness?.();
  await cluster?.stop();
}

/** As Flyte writes it: by Service, with its authority. */
async function registerFlyte(name: string): Promise<void> {
  const { ca } = await createAuthority("plan-tests");
  await mustRequest(cluster, "POST", CONFIGURATIONS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: {
          service: { namespace: "flyte", name, path: "/mutate--v1-pod", port: 443 },
          caBundle: Buffer.from(ca).toString("base64"),
        },
        ...{ admissionReviewVersions: ["v1", "v1beta1"], failurePolicy: "Fail", sideEffects: "NoneOnDryRun" },
        rules: [{ apiGroups: ["*"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        objectSelector: SELECTOR,
      },
    ],
  });
}

/**
 * Runs one printed line in a shell, as it stands but for the names of Flyte's release and chart, and for doctor's patience:
 * nobody answers here, so it would wait in vain.
 */
async function runLine(line: string, chart = ""): Promise<string> {
  const command = line.replace("RELEASE CHART", `flyte '${chart}'`).replace("--wait 2m", "--wait 1s");
  const { code, stdout, stderr } = await place.shell(command);
  // Doctor says that nobody answers.
  const isFine = code === 0 || (command.includes(" doctor") && code === 1);
  if (!isFine) throw new Error(`${command}: ${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => start(FLYTES), 900_000);
afterAll(() => stop());

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
  const plan = createPlan({ namespace: "flyte", registration: FLYTES, flavor: "core", pilots: [] });
  const step = plan.find(({ title }) => title.startsWith("Observe"));
  for (const line of step?.commands ?? []) await runLine(line);
  expect(Object.keys(await registrations())).toEqual([FLYTES, "v-flyte-vault-webhook-observe"]);
  for (const line of step?.undo ?? []) await runLine(line);
  expect(Object.keys(await registrations())).toEqual([FLYTES]);
});

const VAULT = { secretManagerType: "Vault", vaultSecretManager: { role: "flyte-role" } };

/** Installs Flyte by its own chart, with Vault, and stores a pod that its webhook has served. */
async function installFlyte(chart: string, values: object): Promise<void> {
  await writeFile(join(place.folder, "flyte-values.json"), JSON.stringify(values));
  const install = `helm -n flyte install flyte '${chart}' -f flyte-values.json`;
  const { code, stderr } = await place.shell(install);
  if (code !== 0) throw new Error(stderr);
  const pod = serveByFlyte(flytePod("stored", [{ group: "secret/data/team", key: "api_key" }]), "v1");
  await mustRequest(cluster, "POST", "/api/v1/namespaces/default/pods", pod);
}

/** What Flyte reads at its start: its files, and whether its webhook runs. */
async function readFlyte(): Promise<string> {
  return cluster.mustKubectl(["-n", "flyte", "get", "configmaps,deployments", "-o", "yaml"]);
}

describe.each([
  {
    flavor: "core",
    chart: "flyte-core",
    registration: "flyte-pod-webhook",
    values: { configmap: { core: { webhook: VAULT } } },
    isOff: (text: string) => !text.includes("- webhook-certs") && !/name: flyte-pod-webhook$/m.test(text),
  },
  {
    flavor: "binary-v1",
    chart: "flyte-binary",
    registration: "flyte-flyte-binary-webhook",
    values: { configuration: { inline: { webhook: VAULT } } },
    isOff: (text: string) => text.includes("disableWebhook: true"),
  },
] as const)("every line, with Flyte's own chart $chart", ({ flavor, chart, registration, values, isOff }) => {
  beforeAll(async () => {
    await stop();
    cluster = await startCluster();
    stopReadiness = becomeReady(cluster);
    await installStubs(cluster);
    await cluster.createNamespace("flyte");
    await cluster.createNamespace("team-a");
    place = await createPlace(cluster);
  }, 900_000);

  test("forward to the end, and back: Flyte's registration alone, which Flyte writes again", async () => {
    const charts = await copyFlyteCharts(cluster.folder);
    await installFlyte(join(charts, chart), values);
    await registerFlyte(registration);
    const plan = createPlan({
      ...{ namespace: "flyte", registration, flavor },
      pilots: [{ by: "namespaces", names: ["team-a"] }],
    });
    const runAll = async (commands: readonly string[]) => {
      const outputs: string[] = [];
      for (const line of commands) outputs.push(await runLine(line, join(charts, chart)));
      return outputs;
    };
    const [config, report, keep, check, observe, pilot, everybody, end, ...none] = plan;
    expect(none).toEqual([]);
    await runAll(config?.commands ?? []);
    const written = await Bun.file(join(place.folder, "webhook.yaml")).text();
    expect(Bun.YAML.parse(written)).toEqual({
      version: 1,
      webhook: { vaultSecretManager: { role: "flyte-role" } },
    });
    expect((await runAll(report?.commands ?? [])).join("")).toContain("1 pod: 1 identical");
    await runAll(keep?.commands ?? []);
    expect(await readFlyte()).toContain("disableCreateMutatingWebhookConfig: true");
    const found = (await runAll(check?.commands ?? [])).join("");
    expect(found).toContain(registration);
    expect(found).toContain("doctor.injector-missing");
    expect(found).not.toContain("doctor.not-registered");
    await runAll(observe?.commands ?? []);
    expect(Object.keys(await registrations())).toContain("v-flyte-vault-webhook-observe");
    await runAll(pilot?.commands ?? []);
    expect(Object.keys(await registrations())).toEqual(["00-flyte-vault-webhook", registration].toSorted());
    await runAll(everybody?.commands ?? []);
    await runAll(end?.commands ?? []);
    expect(Object.keys(await registrations())).toEqual(["00-flyte-vault-webhook"]);
    expect(isOff(await readFlyte())).toBe(true);
    const [upgrade = "", ...rest] = end?.undo ?? [];
    await runAll([upgrade]);
    const back = await readFlyte();
    expect([isOff(back), back.includes("disableCreateMutatingWebhookConfig: false")]).toEqual([false, true]);
    // Flyte starts: it writes its registration.
    await registerFlyte(registration);
    await runAll(rest);
    expect(Object.keys(await registrations())).toEqual([registration]);
  }, 300_000);
});

test("flyte-binary v2: what its lines set is where its chart reads it, as in v1's", async () => {
  const charts = await copyFlyteCharts(cluster.folder);
  const lines = createPlan({
    namespace: "flyte",
    registration: "x",
    flavor: "binary-v2",
    pilots: [],
  }).flatMap(({ commands, undo = [] }) => [...commands, ...undo]);
  const sets = lines.flatMap((line) => [...line.matchAll(/--set (\S+)/g)].map(([, set = ""]) => set));
  expect(sets).toHaveLength(5);
  for (const set of sets) {
    const template = [cluster.assets.helm, "template", "flyte", join(charts, "flyte-binary"), "--set", set];
    const { code, stdout } = await run([...template, "--kube-version", "1.34.4"]);
    expect(code).toBe(0);
    const [name = "", value = ""] = set.replace("configuration.inline.webhook.", "").split("=");
    expect(stdout).toContain(`${name}: ${value}`);
  }
});

/**
 * The switch from Flyte's webhook to ours and back, on a real API server, while pods are created: by namespace, by project,
 * observed first, and by hand. At no time is a pod without its secrets, and none is refused.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Pilot, parsePilot, toSelectors } from "../../src/migrate/pilot.ts";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { registerFlyte, SERVED_BY_FLYTE, startFlyte } from "./fixture/flyte.ts";
import { type InProcessWebhook, registerInProcess, startInjector } from "./fixture/injector.ts";
import { flytePod, hasSecrets, type Pod } from "./fixture/pod.ts";
import { CONFIGURATIONS, register, unregister, untilAdmission } from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

const OURS = "00-flyte-vault-webhook";
/** Flyte's name by its place in the chain: before ours where somebody has chosen such a `serviceName`, else after. */
const NAMES = { before: "0-flyte-pod-webhook", after: "flyte-pod-webhook" } as const;
const INJECTOR = "vault-agent-injector-cfg";
/** An annotation that this webhook is configured to set, and Flyte's is not. */
const SERVED_BY_US = "vault.hashicorp.com/auth-type";
const NAMESPACES = ["default", "team-a", "team-b"];
const PROJECTS = ["fraud", "search"];
let cluster: Cluster;
let webhook: Webhook;
let injector: InProcessWebhook;
const flytes: InProcessWebhook[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  for (const name of ["team-a", "team-b"]) await cluster.createNamespace(name);
  const config = `webhook: { vaultSecretManager: { annotations: { ${SERVED_BY_US}: kubernetes } } }\n`;
  webhook = await startWebhook({ folder: cluster.folder, config });
  injector = await startInjector();
  await registerInProcess(cluster, INJECTOR, injector);
}, 900_000);

afterAll(async () => {
  injector?.stop();
  for (const flyte of flytes) flyte.stop();
  await webhook?.stop();
  await cluster?.stop();
});

afterEach(async () => {
  for (const name of [OURS, ...Object.values(NAMES), "v-flyte-vault-webhook-observe"])
    await unregister(cluster, name).catch(() => {});
  await untilAdmission(cluster, "nobody serves", ({ text }) => !text.includes("agent-inject-file-"));
});

interface Created {
  readonly status: number;
  readonly pod: Pod;
  readonly namespace: string;
  readonly project: string;
}

/** Creates a pod in a namespace for a project; nothing is stored. */
async function create(namespace: string, project: string): Promise<Created> {
  const pod = flytePod("task-", [{ group: "secret/data/team", key: "api_key" }]);
  const body = { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, project } } };
  const response = await cluster.request("POST", `/api/v1/namespaces/${namespace}/pods?dryRun=All`, body);
  return { status: response.status, pod: await response.json(), namespace, project };
}

/** Creates pods everywhere, over and over, while something changes. */
async function whileCreating(change: () => Promise<void>): Promise<readonly Created[]> {
  const created: Created[] = [];
  let isOver = false;
  const loop = async (namespace: string) => {
    while (!isOver) for (const project of PROJECTS) created.push(await create(namespace, project));
  };
  const loops = NAMESPACES.map(loop);
  await change();
  isOver = true;
  await Promise.all(loops);
  return created;
}

/** Who has served a pod. */
function serverOf({ pod }: Created): "flyte" | "ours" {
  return pod.metadata.annotations?.[SERVED_BY_FLYTE] === undefined ? "ours" : "flyte";
}

function expectAllServed(created: readonly Created[]): void {
  expect(created.length).toBeGreaterThan(5);
  for (const one of created) expectServed(one);
}

function expectServed(one: Created): void {
  expect([one.status, one.namespace]).toEqual([201, one.namespace]);
  expect(findsItsSecret(one.pod)).toBe(true);
  const agents = one.pod.spec.initContainers?.filter(({ name }) => name === "vault-agent-init") ?? [];
  expect(agents).toHaveLength(1);
}

/** While both serve a pod it has two declarations of its file, which say the same. */
function findsItsSecret(pod: Pod): boolean {
  return hasSecrets(pod, 1) || hasSecrets(pod, 2);
}

async function untilServedBy(who: "flyte" | "ours", namespace: string, project: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const created = await create(namespace, project);
    if (serverOf(created) === who) return;
    await Bun.sleep(50);
  }
  throw new Error(`${namespace}/${project} is not served by ${who}`);
}

/** The two registrations of a pilot, in the order that keeps every pod served. */
async function applyPilot(flytes: string, pilot: Pilot, isNarrower = false): Promise<void> {
  const { ours, flyte } = toSelectors(pilot);
  const applyOurs = () =>
    register(cluster, {
      ...webhook,
      operations: [
        ...ours.namespace.map((value) => ({
          op: "add",
          path: "/webhooks/0/namespaceSelector/matchExpressions/-",
          value,
        })),
        ...ours.object.map((value) => ({
          op: "add",
          path: "/webhooks/0/objectSelector/matchExpressions",
          value: [value],
        })),
      ],
    });
  const selectors = {
    namespaceSelector: { matchExpressions: flyte.namespace },
    objectSelector: { matchLabels: { "inject-flyte-secrets": "true" }, matchExpressions: flyte.object },
  };
  const patch = [
    { op: "add", path: "/webhooks/0/namespaceSelector", value: selectors.namespaceSelector },
    { op: "add", path: "/webhooks/0/objectSelector", value: selectors.objectSelector },
  ];
  const applyFlytes = () =>
    cluster.mustKubectl([
      "patch",
      "mutatingwebhookconfiguration",
      flytes,
      "--type=json",
      "-p",
      JSON.stringify(patch),
    ]);
  const steps = isNarrower ? [applyFlytes, applyOurs] : [applyOurs, applyFlytes];
  for (const step of steps) await step();
}

function pilotOf(text: string): Pilot {
  const pilot = parsePilot(text, "flyte-vault-webhook");
  if (typeof pilot === "string") throw new Error(pilot);
  return pilot;
}

async function startStandIn(version: "v1" | "v2", name: string): Promise<InProcessWebhook> {
  const flyte = await startFlyte(version);
  flytes.push(flyte);
  await registerFlyte(cluster, flyte, name);
  await untilServedBy("flyte", "team-a", "fraud");
  return flyte;
}

/** The variables with the folder of the secrets that count: the last one of a name. */
function foldersOf({ spec }: Pod): readonly (string | undefined)[] {
  return [...spec.containers, ...(spec.initContainers ?? [])]
    .filter(({ name }) => !name.startsWith("vault-agent"))
    .map(({ env = [] }) => env.findLast(({ name }) => name === "FLYTE_SECRETS_DEFAULT_DIR")?.value);
}

/** The agent's templates by the file that they write, from the configuration that the injector has put on the pod. */
function templatesOf({ spec }: Pod): ReadonlyMap<string, readonly string[]> {
  const agent = spec.initContainers?.find(({ name }) => name === "vault-agent-init");
  const config = agent?.env?.find(({ name }) => name === "VAULT_CONFIG")?.value ?? "";
  const {
    template,
  }: { readonly template: readonly { readonly destination: string; readonly contents: string }[] } =
    JSON.parse(atob(config));
  return Map.groupBy(template, ({ destination }) => destination) as never;
}

describe.each([
  ["v1", "after"],
  ["v1", "before"],
  ["v2", "after"],
  ["v2", "before"],
] as const)("from Flyte %s, called %s ours", (version, place) => {
  const FLYTES = NAMES[place];
  const pilot = (text: string, isNarrower = false) => applyPilot(FLYTES, pilotOf(text), isNarrower);

  test("a pod that both serve starts: every file has its template, and every container the folder", async () => {
    const flyte = await startStandIn(version, FLYTES);
    await register(cluster, webhook);
    await untilAdmission(
      cluster,
      "both are called",
      ({ text }) => text.includes(SERVED_BY_FLYTE) && text.includes(SERVED_BY_US),
    );
    const both = await create("team-a", "fraud");
    expectServed(both);
    expect(flyte.asked.length).toBeGreaterThan(0);
    expect(foldersOf(both.pod)).toEqual(["/etc/flyte/secrets"]);
    const templates = templatesOf(both.pod);
    expect([...templates.keys()]).toEqual(["/etc/flyte/secrets/secret/data/team/api_key"]);
  });

  test("by namespace: one, then two, then back to one, then none", async () => {
    await startStandIn(version, FLYTES);
    expectAllServed(
      await whileCreating(async () => {
        await pilot("namespaces=team-a");
        await untilServedBy("ours", "team-a", "fraud");
        await untilServedBy("flyte", "team-b", "fraud");
        await pilot("namespaces=team-a,team-b");
        await untilServedBy("ours", "team-b", "search");
        await pilot("namespaces=team-a", true);
        await untilServedBy("flyte", "team-b", "search");
        await untilServedBy("ours", "team-a", "search");
      }),
    );
    const settled = await Promise.all(NAMESPACES.map((namespace) => create(namespace, "fraud")));
    expect(settled.map((one) => [one.namespace, serverOf(one)])).toEqual([
      ["default", "flyte"],
      ["team-a", "ours"],
      ["team-b", "flyte"],
    ]);
  });

  test("by project, in every namespace", async () => {
    await startStandIn(version, FLYTES);
    expectAllServed(
      await whileCreating(async () => {
        await pilot("project=fraud");
        await untilServedBy("ours", "team-b", "fraud");
        await untilServedBy("flyte", "team-b", "search");
        await pilot("project=fraud,search");
        await untilServedBy("ours", "default", "search");
        await pilot("project=fraud", true);
        await untilServedBy("flyte", "default", "search");
      }),
    );
  });

  test("all at once: ours first, then Flyte's deleted; and back", async () => {
    const flyte = await startStandIn(version, FLYTES);
    expectAllServed(
      await whileCreating(async () => {
        await register(cluster, webhook);
        await untilAdmission(cluster, "ours is called", ({ text }) => text.includes(SERVED_BY_US));
        await Bun.sleep(500);
        await unregister(cluster, FLYTES);
        await untilServedBy("ours", "team-a", "fraud");
        await registerFlyte(cluster, flyte, FLYTES);
        await untilServedBy("flyte", "team-a", "fraud");
        await unregister(cluster, OURS);
        await Bun.sleep(500);
      }),
    );
    expect(serverOf(await create("team-b", "search"))).toBe("flyte");
  });

  test("observed: every pod is still Flyte's alone, and the comparison is counted", async () => {
    await startStandIn(version, FLYTES);
    const observer = await startWebhook({ folder: cluster.folder, config: "policy: { mode: observe }\n" });
    try {
      expectAllServed(
        await whileCreating(async () => {
          await register(cluster, {
            ...observer,
            name: "v-flyte-vault-webhook-observe",
            operations: [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }],
          });
          await Bun.sleep(2_000);
        }),
      );
      expect(serverOf(await create("team-a", "fraud"))).toBe("flyte");
      const log = await observer.log();
      expect(log).toContain('"message":"observed"');
      expect(log).toContain('"verdict":"same"');
      expect(log).not.toContain('"verdict":"failed"');
    } finally {
      await unregister(cluster, "v-flyte-vault-webhook-observe");
      await observer.stop();
    }
  });
});

test("the registrations that are left are the injector's alone", async () => {
  const { items } = await (await cluster.request("GET", CONFIGURATIONS)).json();
  expect(items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([INJECTOR]);
});

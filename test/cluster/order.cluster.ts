/** We and the injector, one after the other: the order of names, a second pass, and what reaches the stored pod. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Cluster, mustRequest, startCluster } from "./fixture/api-server.ts";
import {
  type InProcessWebhook,
  registerInProcess,
  startInjector,
  startInProcess,
} from "./fixture/injector.ts";
import { flytePod, hasSecrets, type Pod } from "./fixture/pod.ts";
import { register, unregister, untilAdmission, untilRegistered } from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

const INJECTOR = "vault-agent-injector-cfg";
let cluster: Cluster;
let webhook: Webhook;
let injector: InProcessWebhook;

beforeAll(async () => {
  cluster = await startCluster();
  webhook = await startWebhook({ folder: cluster.folder });
  injector = await startInjector();
}, 900_000);

afterAll(async () => {
  injector?.stop();
  await webhook?.stop();
  await cluster?.stop();
});

const registered: string[] = [];
afterEach(async () => {
  for (const name of registered.splice(0)) await unregister(cluster, name);
  await untilAdmission(cluster, "no webhook is called", ({ text }) => !text.includes("vault.hashicorp.com"));
});

async function registerUs(name = "00-flyte-vault-webhook", operations: readonly object[] = []) {
  registered.push(name);
  await register(cluster, { ...webhook, name, operations });
  await untilRegistered(cluster);
}

async function registerInjector(name = INJECTOR) {
  registered.push(name);
  await registerInProcess(cluster, name, injector);
  const direct = flytePod("direct", [], {
    "vault.hashicorp.com/agent-inject": "true",
    "vault.hashicorp.com/role": "r",
  });
  await untilAdmission(
    cluster,
    "the injector is called",
    ({ text }) => text.includes("vault-agent-init"),
    direct,
  );
}

async function createDry(
  pod: object,
): Promise<{ readonly status: number; readonly pod: Pod; readonly message: string }> {
  const response = await cluster.request("POST", "/api/v1/namespaces/default/pods?dryRun=All", pod);
  const body = await response.json();
  return { status: response.status, pod: body, message: body.message ?? "" };
}

const agentOf = (pod: Pod) =>
  (pod.spec.initContainers ?? []).filter(({ name }) => name === "vault-agent-init");
const status = (pod: Pod) => pod.metadata.annotations?.["vault.hashicorp.com/agent-inject-status"];

describe("the order of names", () => {
  test("our name before the injector's: the pod has its agent, once, and the secrets' folder in its container", async () => {
    await registerUs();
    await registerInjector();
    const { pod } = await createDry(flytePod("ordered"));
    expect(hasSecrets(pod)).toBe(true);
    expect(status(pod)).toBe("injected");
    expect(agentOf(pod)).toHaveLength(1);
    const [main] = pod.spec.containers;
    expect(main?.volumeMounts?.filter(({ mountPath }) => mountPath === "/etc/flyte/secrets")).toHaveLength(1);
    // The sidecar would keep a task from ever ending.
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["main"]);
  });

  test("the order in which they were registered does not matter", async () => {
    await registerInjector();
    await registerUs();
    const { pod } = await createDry(flytePod("ordered"));
    expect(agentOf(pod)).toHaveLength(1);
  });

  test("a name of ours that sorts after the injector's: stored without an agent, and without an error", async () => {
    await registerInjector();
    await registerUs("zz-flyte-vault-webhook");
    const { status: code, pod } = await createDry(flytePod("late"));
    expect(code).toBe(201);
    expect(hasSecrets(pod)).toBe(true);
    expect(agentOf(pod)).toEqual([]);
    expect(status(pod)).toBeUndefined();
  });

  test("IfNeeded on our side does not mend a late name; IfNeeded on the injector's side would", async () => {
    registered.push(INJECTOR);
    await registerInProcess(cluster, INJECTOR, injector, { reinvocationPolicy: "IfNeeded" });
    await registerUs("zz-flyte-vault-webhook");
    const { pod } = await createDry(flytePod("late"));
    expect(agentOf(pod)).toHaveLength(1);
  });
});

describe("Flyte's own webhook beside ours", () => {
  test("its name sorts after ours: it is given a pod with our annotations on it", async () => {
    await registerUs();
    let seen: Pod | undefined;
    const flyte = await startInProcess((pod) => {
      seen = pod;
      return [];
    });
    registered.push("flyte-pod-webhook");
    await registerInProcess(cluster, "flyte-pod-webhook", flyte);
    await untilAdmission(cluster, "the other webhook is called", () => seen !== undefined);
    await createDry(flytePod("beside"));
    flyte.stop();
    expect(seen && hasSecrets(seen)).toBe(true);
  });
});

describe("reinvocation", () => {
  test("a later webhook adds a container: ours is asked again, tells it where the secrets are, and adds none twice", async () => {
    await registerUs();
    const sidecar = await startInProcess((pod) =>
      pod.spec.containers.some(({ name }) => name === "mesh")
        ? []
        : [{ op: "add", path: "/spec/containers/-", value: { name: "mesh", image: "mesh:1" } }],
    );
    registered.push("mesh-injector");
    await registerInProcess(cluster, "mesh-injector", sidecar);
    await untilAdmission(cluster, "the mesh is called", ({ text }) => text.includes("mesh:1"));
    const { pod } = await createDry(flytePod("twice"));
    sidecar.stop();
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["main", "mesh"]);
    for (const { env = [] } of pod.spec.containers)
      expect(env.filter(({ name }) => name === "FLYTE_SECRETS_DEFAULT_DIR")).toHaveLength(1);
    expect(hasSecrets(pod, 2)).toBe(true);
  });

  test("with the injector between: one agent, two files, no second set", async () => {
    await registerUs();
    await registerInjector();
    const late = await startInProcess((pod) =>
      pod.metadata.labels?.late ? [] : [{ op: "add", path: "/metadata/labels/late", value: "yes" }],
    );
    registered.push("zz-late");
    await registerInProcess(cluster, "zz-late", late);
    await untilAdmission(cluster, "the late one is called", ({ text }) => text.includes('"late":"yes"'));
    const { pod } = await createDry(flytePod("again"));
    late.stop();
    expect(agentOf(pod)).toHaveLength(1);
    expect(hasSecrets(pod, 2)).toBe(true);
  });
});

describe("what the injector refuses, when the pod asks for it", () => {
  test.each([
    [
      "a boolean that is none",
      { "vault.hashicorp.com/agent-init-first": "sure" },
      {},
      /strconv.ParseBool: parsing "sure"/,
    ],
    [
      "no token to log in with",
      {},
      { automountServiceAccountToken: false },
      /failed to find service account volume mount/,
    ],
    ["no role", { "vault.hashicorp.com/role": "" }, {}, /no Vault role found/],
  ])(
    "%s: the pod is refused by name of the injector, and we have warned about the reason",
    async (_, annotations, spec, message) => {
      await registerUs();
      await registerInjector();
      const pod = flytePod("refused", undefined, annotations);
      const asked = await cluster.kubectl(
        ["create", "--dry-run=server", "-f", "-"],
        JSON.stringify({ ...pod, spec: { ...pod.spec, ...spec } }),
      );
      expect(asked.code).toBe(1);
      expect(asked.stderr).toMatch(
        /admission webhook "vaultagentinjectorcfg\.vault\.hashicorp\.com" denied the request/,
      );
      expect(asked.stderr).toMatch(message);
      expect(asked.stderr).toMatch(/^Warning: /m);
    },
  );

  test("agent-inject-status: injected copied from another pod: stored without an agent, and we have warned", async () => {
    await registerUs();
    await registerInjector();
    const pod = flytePod("copied", undefined, { "vault.hashicorp.com/agent-inject-status": "injected" });
    const { code, stderr } = await cluster.kubectl(
      ["create", "--dry-run=server", "-f", "-"],
      JSON.stringify(pod),
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Warning: .*agent-inject-status/m);
    const { pod: answered } = await createDry(pod);
    expect(agentOf(answered)).toEqual([]);
  });
});

describe("several webhooks in one cluster", () => {
  test("each is asked once for a pod that none of them changes", async () => {
    await registerUs();
    await registerInjector();
    const before = injector.asked.length;
    await mustRequest(cluster, "POST", "/api/v1/namespaces/default/pods?dryRun=All", {
      ...flytePod("plain"),
      metadata: { name: "plain" },
    });
    expect(injector.asked.slice(before)).toEqual(["plain"]);
  });
});

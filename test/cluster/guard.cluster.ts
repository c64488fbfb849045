/** Whom the webhook is called for, what happens when it cannot be, and the guard that holds while every process is down. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { type InProcessWebhook, registerInProcess, startInjector } from "./fixture/injector.ts";
import { flytePod, hasSecrets, type Pod } from "./fixture/pod.ts";
import { register, unregister, untilAdmission, untilRegistered } from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

const DROP_ALL = `import { definePlugin } from "flyte-vault-webhook/plugin";
export default definePlugin({
  name: "drop-all",
  description: "Drops every request",
  writes: [],
  setup: () => ({
    requests: ({ requests }) => Object.fromEntries(Object.keys(requests).map((key) => [key, null])),
  }),
});
`;

let cluster: Cluster;
let webhook: Webhook;
let injector: InProcessWebhook;

beforeAll(async () => {
  cluster = await startCluster();
  webhook = await startWebhook({ folder: cluster.folder });
  await register(cluster, webhook, ["injection-guard"]);
  await untilRegistered(cluster);
}, 900_000);

afterAll(async () => {
  injector?.stop();
  await webhook?.stop();
  await cluster?.stop();
});

async function create(pod: object, namespace = "default") {
  const args = ["-n", namespace, "create", "--dry-run=server", "-o", "json", "-f", "-"];
  const { code, stdout, stderr } = await cluster.kubectl(args, JSON.stringify(pod));
  const shown: Pod | undefined = code === 0 ? JSON.parse(stdout) : undefined;
  return { code, stderr, pod: shown };
}

const unlabelled: Pod = {
  ...flytePod("unlabelled"),
  metadata: { ...flytePod("unlabelled").metadata, labels: {} },
};
const elsewhere: Pod = {
  ...flytePod("elsewhere"),
  metadata: { ...flytePod("elsewhere").metadata, labels: { "inject-flyte-secrets": "false" } },
};

describe("whom the webhook is called for", () => {
  test("a pod with the label and a request", async () => {
    const { pod } = await create(flytePod("asked"));
    expect(pod && hasSecrets(pod)).toBe(true);
  });

  test.each([
    ["no label", unlabelled],
    ["another value of the label", elsewhere],
  ])("%s: the pod is left as it is", async (_, pod) => {
    const created = await create(pod);
    expect(created.pod && hasSecrets(created.pod)).toBe(false);
    expect(created.pod?.metadata.annotations).toEqual(pod.metadata.annotations);
  });

  test.each(["kube-system", "kube-public", "kube-node-lease"])("%s is left alone", async (namespace) => {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
    await cluster.kubectl(["create", "-f", "-"], JSON.stringify(account));
    const created = await create(flytePod("system"), namespace);
    expect(created.stderr).toBe("");
    expect(created.pod && hasSecrets(created.pod)).toBe(false);
  });
});

describe("the guard, as it is shipped", () => {
  test("warns about a pod that no injector saw, and lets it pass", async () => {
    await untilAdmission(cluster, "the guard is read", () => true);
    const { code, stderr } = await create(flytePod("seen-by-us-only"));
    expect(code).toBe(0);
    expect(stderr).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'flyte-vault-webhook-injected' with binding 'flyte-vault-webhook-injected': The Vault Agent Injector did not see this pod",
    );
  });

  test("says nothing where both did their part", async () => {
    injector = await startInjector();
    await registerInProcess(cluster, "vault-agent-injector-cfg", injector);
    await untilAdmission(cluster, "the injector is called", ({ text }) => text.includes("vault-agent-init"));
    const { code, stderr } = await create(flytePod("whole"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("while the webhook is down", () => {
  beforeAll(async () => {
    await webhook.stop("SIGKILL");
  });

  test("failurePolicy Fail: a pod that asks for secrets is refused, by name of the webhook", async () => {
    const { code, stderr } = await create(flytePod("down"));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error from server \(InternalError\): .*failed calling webhook "secrets\.flyte-vault-webhook\.io": failed to call webhook: Post .*\/mutate\?timeout=10s.*connection refused/,
    );
  });

  test.each([
    ["a pod without the label", unlabelled],
    ["a labelled pod without a request, which matchConditions leaves out", flytePod("empty", [])],
    ["a labelled pod with other annotations only", flytePod("other", [], { "acme.io/team": "a" })],
  ])("%s is created: it never depends on the webhook", async (_, pod) => {
    const { code, stderr } = await create(pod);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("a pod of the cluster's own is created", async () => {
    const { code } = await create(flytePod("system"), "kube-system");
    expect(code).toBe(0);
  });
});

describe("the guard with Deny, while our webhook and the injector are off", () => {
  beforeAll(async () => {
    await register(cluster, webhook, ["injection-guard", "injection-guard-deny"]);
    await unregister(cluster);
    await unregister(cluster, "vault-agent-injector-cfg");
    injector.stop();
    await untilAdmission(
      cluster,
      "the guard denies",
      ({ status, text }) => status === 422 && text.includes("ValidatingAdmissionPolicy"),
    );
  });

  test("a pod whose requests were not injected is refused", async () => {
    const { code, stderr } = await create(flytePod("bypassed"));
    expect(code).toBe(1);
    expect(stderr).toContain(
      "ValidatingAdmissionPolicy 'flyte-vault-webhook-requested' with binding 'flyte-vault-webhook-requested' denied request: This pod's secret requests did not pass flyte-vault-webhook",
    );
  });

  const annotated = { "vault.hashicorp.com/agent-inject": "true", "vault.hashicorp.com/role": "r" };

  test("annotations written by the pod's author do not stand in for a pass of ours", async () => {
    const annotations = { ...annotated, "vault.hashicorp.com/agent-inject-status": "injected" };
    const pod = flytePod("forged", undefined, annotations);
    const agent = { name: "vault-agent-init", image: "anything:1" };
    const volumes = [{ name: "vault-secrets", emptyDir: {} }];
    const volumeMounts = [{ name: "vault-secrets", mountPath: "/etc/flyte/secrets" }];
    const containers = pod.spec.containers.map((container) => ({ ...container, volumeMounts }));
    const { stderr } = await create({
      ...pod,
      spec: { ...pod.spec, initContainers: [agent], containers, volumes },
    });
    expect(stderr).toContain("'flyte-vault-webhook-requested'");
  });

  test.each(["1", "t", "T", "TRUE", "true", "True"])(
    "agent-inject %p without an agent is refused",
    async (value) => {
      const { stderr } = await create(
        flytePod("agentless", [], { ...annotated, "vault.hashicorp.com/agent-inject": value }),
      );
      expect(stderr).toContain("denied request: The Vault Agent Injector did not see this pod");
    },
  );

  test("agent-inject false asks for nothing", async () => {
    const { code } = await create(flytePod("off", [], { "vault.hashicorp.com/agent-inject": "false" }));
    expect(code).toBe(0);
  });

  test("a status copied from another pod is not believed: there is no agent", async () => {
    const annotations = { ...annotated, "vault.hashicorp.com/agent-inject-status": "injected" };
    const { stderr } = await create(flytePod("copied", [], annotations));
    expect(stderr).toContain("denied request: This pod has no Vault agent");
  });

  test("pods without requests, and the cluster's own, are created", async () => {
    for (const [pod, namespace] of [
      [unlabelled, "default"],
      [flytePod("plain", []), "default"],
      [flytePod("s"), "kube-system"],
    ] as const) {
      const { code, stderr } = await create(pod, namespace);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
  });
});

describe("the guard with Deny, while everything is up again", () => {
  test("a pod that both served is created", async () => {
    webhook = await startWebhook({ folder: cluster.folder });
    injector = await startInjector();
    await register(cluster, webhook, ["injection-guard", "injection-guard-deny"]);
    await registerInProcess(cluster, "vault-agent-injector-cfg", injector);
    await untilAdmission(cluster, "both are called", ({ text }) => text.includes("vault-agent-init"));
    const { code, stderr, pod } = await create(flytePod("whole"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(pod && hasSecrets(pod)).toBe(true);
  });

  test.each(["nope", " main", "vault-agent", ""])(
    "agent-inject-containers %j leaves the task without its secrets: refused",
    async (names) => {
      const annotations = { "vault.hashicorp.com/agent-inject-containers": names };
      const { code, stderr } = await create(flytePod("nowhere", undefined, annotations));
      expect(code).toBe(1);
      expect(stderr).toContain("denied request: No container of this pod has the volume with its secrets");
    },
  );

  test("agent-inject-containers that names a container is fine", async () => {
    const annotations = { "vault.hashicorp.com/agent-inject-containers": "main" };
    const { code, stderr } = await create(flytePod("narrow", undefined, annotations));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("a pod whose requests a plugin dropped is created: it did pass the webhook", async () => {
    await webhook.stop();
    const plugin = join(cluster.folder, "drop-all.ts");
    await writeFile(plugin, DROP_ALL);
    const config = `plugins: [{ use: "${plugin}", isolate: none }]\n`;
    webhook = await startWebhook({ folder: cluster.folder, config });
    await register(cluster, webhook, ["injection-guard", "injection-guard-deny"]);
    await untilAdmission(cluster, "the new webhook is called", ({ text }) =>
      text.includes("vault-agent-init"),
    );
    const { code, stderr, pod } = await create(flytePod("dropped"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(pod && hasSecrets(pod, 0)).toBe(true);
  });
});

/**
 * Variables that the kubelet reads from the agent's files, on a real API server: the stored pod after this webhook and the
 * injector (the model of vault-k8s in src/injector), and what the API server refuses.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { SecretRequest } from "../../src/core/secret/request.ts";
import { inject } from "../../src/injector/inject.ts";
import { createWorkplace, type Workplace } from "../cli/harness.ts";
import { type Cluster, mustRequest, startCluster } from "./fixture/api-server.ts";
import { type InProcessWebhook, registerInProcess, startInProcess } from "./fixture/injector.ts";
import { flytePod, type Pod } from "./fixture/pod.ts";
import { CONFIGURATIONS, register, untilAdmission, untilRegistered } from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

const INJECTOR = "vault-agent-injector-cfg";
const CONFIG = `policy:
  envVars: { mode: file-key-ref, nodes: all-1.35-or-newer }
plugins:
  - use: request-defaults
    with: { group: "secret/data/{project}/{domain}" }
`;
const VARIABLE: Partial<SecretRequest> = {
  group: "secret/data/team",
  key: "api-key",
  env_var: "API_KEY",
  mount_requirement: 1,
};
const PODS = "/api/v1/namespaces/default/pods";
const NOT_FOUND = 'fileKeyRef.volumeName: Not found: "vault-secrets"';

let cluster: Cluster;
let webhook: Webhook;
let injector: InProcessWebhook;
let place: Workplace;

beforeAll(async () => {
  cluster = await startCluster();
  webhook = await startWebhook({ folder: cluster.folder, config: CONFIG });
  place = createWorkplace();
  await mkdir(join(cluster.folder, "bin"));
  await symlink(cluster.assets.kubectl, join(cluster.folder, "bin", "kubectl"));
  injector = await startModel();
  await register(cluster, webhook, ["injection-guard", "injection-guard-deny"]);
  await registerInProcess(cluster, INJECTOR, injector, { reinvocationPolicy: "IfNeeded" });
  await untilRegistered(cluster);
  await untilAdmission(cluster, "the injector is called", ({ text }) => text.includes("vault-agent-init"));
}, 900_000);

afterAll(async () => {
  injector?.stop();
  await webhook?.stop();
  await cluster?.stop();
  place?.remove();
});

function startModel(): Promise<InProcessWebhook> {
  return startInProcess((pod, namespace) => {
    const injection = inject(pod, namespace);
    if (injection.kind === "refused") return injection.message;
    return injection.kind === "injected" ? injection.patch : [];
  });
}

async function create(pod: object, query = "") {
  const response = await cluster.request("POST", PODS + query, pod);
  const body = await response.json();
  return { status: response.status, message: String(body.message ?? ""), pod: body as Pod };
}

const fileKeyRef = (path: string) => ({
  valueFrom: { fileKeyRef: { volumeName: "vault-secrets", path, key: "VALUE", optional: false } },
});

const run = (argv: readonly string[], stdin = "") =>
  place.run(argv, {
    stdin,
    env: {
      PATH: `${cluster.folder}/bin:/usr/bin:/bin`,
      KUBECONFIG: cluster.kubeconfig,
      HOME: cluster.folder,
    },
  });

describe("a pod with variables, after this webhook and the injector", () => {
  test("is stored with fileKeyRef in each container, and the volume that it names", async () => {
    const pod = flytePod("variables", [VARIABLE, { group: "secret/data/team", key: "tls.crt" }]);
    const containers = [
      { name: "main", image: "task:1", env: [{ name: "A", value: "$(API_KEY)" }] },
      { name: "side", image: "side:1" },
    ];
    expect((await create({ ...pod, spec: { ...pod.spec, containers } })).status).toBe(201);
    const stored: Pod = await mustRequest(cluster, "GET", `${PODS}/variables`);
    for (const { name, env = [] } of stored.spec.containers) {
      expect([name, env.slice(-3)]).toEqual([
        name,
        [
          { name: "_FSEC_SECRET/DATA/TEAM_API-KEY", ...fileKeyRef(".env/API_KEY") },
          { name: "API_KEY", ...fileKeyRef(".env/API_KEY") },
          { name: "FLYTE_SECRETS_ENV_PREFIX", value: "_FSEC_" },
        ],
      ]);
    }
    expect<unknown>(stored.spec.volumes?.find(({ name }) => name === "vault-secrets")).toEqual({
      ...{ name: "vault-secrets", emptyDir: { medium: "Memory" } },
    });
    expect(stored.spec.initContainers?.map(({ name }) => name)).toEqual(["vault-agent-init"]);
  });

  test("flyte.Secret of the v2 SDK without a group is stored too", async () => {
    const request = { group: "", key: "api-key", env_var: "API_KEY", mount_requirement: 1 };
    const { status, pod, message } = await create(flytePod("v2", [request]));
    expect([status, message]).toEqual([201, ""]);
    expect(pod.spec.containers[0]?.env?.map(({ name }) => name)).toEqual([
      "FLYTE_SECRETS_FILE_PREFIX",
      "FLYTE_SECRETS_DEFAULT_DIR",
      "_FSEC_SECRET/DATA/FLYTESNACKS/DEVELOPMENT_API-KEY",
      "_FSEC_API-KEY",
      "API_KEY",
      "FLYTE_SECRETS_ENV_PREFIX",
    ]);
    expect(Object.values(pod.metadata.annotations ?? {})).toContain("secret/data/flytesnacks/development");
  });

  test("init containers have it behind the agent only", async () => {
    const withInit = (name: string, annotations: Readonly<Record<string, string>>) => {
      const pod = flytePod(name, [VARIABLE], annotations);
      return { ...pod, spec: { ...pod.spec, initContainers: [{ name: "own", image: "own:1" }] } };
    };
    const before = await create(withInit("before", {}));
    const behind = await create(withInit("behind", { "vault.hashicorp.com/agent-init-first": "true" }));
    const own = ({ pod }: { readonly pod: Pod }) =>
      pod.spec.initContainers?.find(({ name }) => name === "own");
    expect(JSON.stringify(own(before))).not.toContain("fileKeyRef");
    expect(JSON.stringify(own(behind))).toContain("fileKeyRef");
    expect(behind.pod.spec.initContainers?.map(({ name }) => name)).toEqual(["vault-agent-init", "own"]);
  });

  test("a preview as created shows what is stored", async () => {
    const stored = await cluster.mustKubectl(["get", "pod", "variables", "-o", "yaml"]);
    place.write("config.yaml", CONFIG);
    const { code, stdout } = await run(
      ["preview", "--config", "config.yaml", "--as-created", "-o", "table"],
      stored,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/ API_KEY +"read by the kubelet from \/etc\/flyte\/secrets\/\.env\/API_KEY"/);
    expect(stdout).not.toContain("overrides secret");
  });

  test("no container has to mount the volume: the guard takes variables alone, and not a file beside them", async () => {
    const nowhere = { "vault.hashicorp.com/agent-inject-containers": "none" };
    const alone = await create(flytePod("alone", [VARIABLE], nowhere));
    expect([alone.status, alone.message]).toEqual([201, ""]);
    const mixed = await create(
      flytePod("mixed", [VARIABLE, { group: "secret/data/team", key: "tls.crt" }], nowhere),
    );
    expect([mixed.status, mixed.message]).toEqual([
      422,
      expect.stringContaining("No container of this pod has the volume with its secrets"),
    ]);
  });
});

describe("clients that do not have the field", () => {
  test("an update that drops it is refused, a patch of the finalizers is not", async () => {
    const pod = flytePod("finalized", [VARIABLE]);
    const metadata = { ...pod.metadata, finalizers: ["flyte.org/finalizer-k8s"] };
    const { pod: stored } = await create({ ...pod, metadata });
    // What client-go 0.28 sends: the object without the fields that its types do not have, and without the finalizer.
    const text = JSON.stringify(stored, (key, value) => (key === "fileKeyRef" ? undefined : value));
    const old = JSON.parse(text);
    delete old.metadata.finalizers;
    const refused = await cluster.request("PUT", `${PODS}/finalized`, old);
    expect([refused.status, (await refused.json()).message]).toEqual([
      422,
      expect.stringContaining("valueFrom"),
    ]);
    const patched = await cluster.kubectl([
      ...["patch", "pod", "finalized", "--type=merge", "-p", '{"metadata":{"finalizers":null}}'],
    ]);
    expect(patched.code).toBe(0);
  });
});

describe("doctor", () => {
  const variables = async () => {
    const { stdout } = await run(["doctor", "-o", "json"]);
    const { checks } = JSON.parse(stdout);
    return checks.find(({ check }: { readonly check: string }) => check === "variables");
  };
  const addNode = async (name: string, kubeletVersion: string) => {
    await mustRequest(cluster, "POST", "/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name },
    });
    const status = JSON.stringify({ status: { nodeInfo: { kubeletVersion } } });
    await cluster.mustKubectl(["patch", "node", name, "--subresource=status", "--type=merge", "-p", status]);
  };

  test("lists the nodes that are too old for variables", async () => {
    await addNode("new", "v1.35.2");
    expect(await variables()).toMatchObject({
      verdict: "fine",
      detail: "allowed; all 1 nodes are 1.35 or newer",
    });
    await addNode("old", "v1.34.9");
    const found = await variables();
    expect(found.issues.map(({ code }: { readonly code: string }) => code)).toEqual(["doctor.old-kubelets"]);
    expect(found.issues[0].message).toEndWith("They are old v1.34.9");
  });
});

describe("without the injector, a pod with variables is refused by the API server itself", () => {
  const expectRefused = async (name: string, annotations: Readonly<Record<string, string>> = {}) => {
    const { status, message } = await create(flytePod(name, [VARIABLE], annotations), "?dryRun=All");
    expect([status, message]).toEqual([422, expect.stringContaining(NOT_FOUND)]);
    return message;
  };

  test("a pod that opts out", () => expectRefused("out", { "vault.hashicorp.com/agent-inject": "false" }));

  test("an injector that does not answer, with its failurePolicy Ignore", async () => {
    injector.stop();
    await expectRefused("down");
  });

  test("no injector; explain says what it means", async () => {
    await mustRequest(cluster, "DELETE", `${CONFIGURATIONS}/${INJECTOR}`);
    const message = await expectRefused("missing");
    const { code, stdout } = await run(["explain", message]);
    expect(code).toBe(0);
    expect(stdout).toStartWith("diagnose.variable-refused\n");
  });
});

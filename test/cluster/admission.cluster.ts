/** Our webhook behind a real API server, registered by our own manifests: what is stored, and what kubectl prints. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { flytePod, hasSecrets, TWO_SECRETS } from "./fixture/pod.ts";
import { register, untilRegistered } from "./fixture/registration.ts";
import { startWebhook, type Webhook } from "./fixture/webhook.ts";

let cluster: Cluster;
let webhook: Webhook;

beforeAll(async () => {
  cluster = await startCluster();
  webhook = await startWebhook({ folder: cluster.folder });
  await register(cluster, webhook);
  await untilRegistered(cluster);
  await cluster.createNamespace("flytesnacks-development");
}, 900_000);

afterAll(async () => {
  await webhook?.stop();
  await cluster?.stop();
});

const IN_NAMESPACE = ["-n", "flytesnacks-development"];

async function create(pod: object, ...flags: string[]) {
  return cluster.kubectl([...IN_NAMESPACE, "create", ...flags, "-f", "-"], JSON.stringify(pod));
}

async function stored(name: string) {
  return JSON.parse(await cluster.mustKubectl([...IN_NAMESPACE, "get", "pod", name, "-o", "json"]));
}

describe("creation of a pod", () => {
  test("a Flyte pod with two secrets is stored with the injector's annotations and Flyte's variables", async () => {
    const created = await create(flytePod("two"));
    expect(created).toEqual({ code: 0, stdout: "pod/two created\n", stderr: "" });
    const pod = await stored("two");
    expect(hasSecrets(pod)).toBe(true);
    expect(pod.metadata.annotations).toMatchObject({
      "vault.hashicorp.com/agent-inject": "true",
      "vault.hashicorp.com/role": "flyte-role",
      "vault.hashicorp.com/secret-volume-path": "/etc/flyte/secrets",
      "vault.hashicorp.com/agent-pre-populate-only": "true",
    });
    expect(files(pod)).toEqual(["secret/data/db/password", "secret/data/team/api-key"]);
    expect(pod.spec.containers[0].env.slice(0, 2)).toEqual([
      { name: "FLYTE_SECRETS_FILE_PREFIX" },
      { name: "FLYTE_SECRETS_DEFAULT_DIR", value: "/etc/flyte/secrets" },
    ]);
  });

  test("--dry-run=server shows the pod and stores nothing", async () => {
    const shown = await create(flytePod("dry"), "--dry-run=server", "-o", "json");
    expect(shown.code).toBe(0);
    expect(hasSecrets(JSON.parse(shown.stdout))).toBe(true);
    const found = await cluster.kubectl([...IN_NAMESPACE, "get", "pod", "dry"]);
    expect(found.stderr).toContain('pods "dry" not found');
  });

  test("generateName: the name is not there yet when the webhook is asked", async () => {
    const shown = await create(flytePod("task-"), "-o", "json");
    const pod = JSON.parse(shown.stdout);
    expect(pod.metadata.name).toMatch(/^task-[a-z0-9]{5}$/);
    expect(hasSecrets(pod)).toBe(true);
  });

  test("the same pod created again is stored with the same annotations", async () => {
    const first = JSON.parse((await create(flytePod("same-"), "-o", "json")).stdout);
    const second = JSON.parse((await create(flytePod("same-"), "-o", "json")).stdout);
    expect(second.metadata.annotations).toEqual(first.metadata.annotations);
  });

  test("a stored pod can be relabelled: only creation is looked at", async () => {
    await create(flytePod("relabelled"));
    const before = await stored("relabelled");
    await cluster.mustKubectl([...IN_NAMESPACE, "label", "pod", "relabelled", "stage=done"]);
    const after = await stored("relabelled");
    expect(after.metadata.annotations).toEqual(before.metadata.annotations);
    expect(after.spec).toEqual(before.spec);
  });
});

describe("refusals and warnings, as kubectl prints them", () => {
  test("a bad pod is refused with every bad request named", async () => {
    const bad = [
      { group: "secret/data/../other", key: "k" },
      { group: "", key: "k" },
    ];
    const { code, stderr } = await create(flytePod("bad", bad));
    expect(code).toBe(1);
    expect(stderr).toStartWith(
      'Error from server (BadRequest): error when creating "STDIN": admission webhook "secrets.flyte-vault-webhook.io" denied the request:',
    );
    expect(stderr).toContain("flyte.secrets/s0");
    expect(stderr).toContain("flyte.secrets/s1");
    expect((await cluster.kubectl([...IN_NAMESPACE, "get", "pod", "bad"])).code).toBe(1);
  });

  test("Flyte's own sentence about environment variables comes first", async () => {
    const { stderr } = await create(
      flytePod("env", [{ group: "secret/data/x", key: "k", mount_requirement: 1 }]),
    );
    expect(stderr).toContain("Env_Var is not a supported mount requirement for Vault Secret Manager");
    expect(stderr).toContain("mount_requirement=Secret.MountType.FILE");
  });

  test("a pod whose task will start without its secret is warned about and created", async () => {
    const pod = flytePod("warned", TWO_SECRETS, { "vault.hashicorp.com/auth-config-type": "gcp" });
    const { code, stdout, stderr } = await create(pod);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "pod/warned created\n" });
    expect(stderr).toMatch(/^Warning: .*auth-config-type/m);
    for (const line of stderr.trim().split("\n"))
      expect(line.length).toBeLessThanOrEqual("Warning: ".length + 256);
  });
});

function files(pod: { metadata: { annotations: Record<string, string> } }): string[] {
  return Object.entries(pod.metadata.annotations)
    .filter(([key]) => key.startsWith("vault.hashicorp.com/agent-inject-file-"))
    .map(([, value]) => value)
    .sort();
}

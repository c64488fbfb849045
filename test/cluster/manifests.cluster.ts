/** The shipped manifests, applied to a real API server as an operator would apply them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { writeOverlay } from "./fixture/registration.ts";
import { installStubs } from "./fixture/stubs.ts";

const COMPONENTS = join(import.meta.dir, "../../config/kubernetes/components");
const OVERLAYS = join(import.meta.dir, "../../config/kubernetes/overlays");
const NAMESPACE = ["-n", "flyte-vault-webhook"];

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installStubs(cluster);
}, 900_000);

afterAll(() => cluster?.stop());

/** What kustomize builds, as objects. */
async function build(folder: string): Promise<readonly Manifest[]> {
  const text = await cluster.mustKubectl(["kustomize", "--load-restrictor=LoadRestrictionsNone", folder]);
  return parseAllDocuments(text).map((document) => document.toJS());
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: the API server is what checks them
  readonly [field: string]: any;
}

describe("every overlay", () => {
  test.each(["cert-manager", "everything"])(
    "%s is accepted whole, and a second time would change nothing",
    async (name) => {
      const folder = join(OVERLAYS, name);
      const first = await cluster.kubectl(["apply", "-k", folder]);
      expect(first.stderr).toBe("");
      expect(first.code).toBe(0);
      const difference = await cluster.kubectl(["diff", "-k", folder]);
      expect(difference).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  test("own-certificates puts the authority into the registration and applies no Secret", async () => {
    const { ca } = await createAuthority("an operator's own");
    const authority = join(cluster.folder, "authority");
    await Bun.write(join(authority, "ca.crt"), ca);
    await writeFile(
      join(authority, "kustomization.yaml"),
      await Bun.file(join(OVERLAYS, "own-certificates/authority/kustomization.yaml")).text(),
    );
    const base = await writeOverlay(cluster, ["own-certificates"]);
    const kustomization = await Bun.file(join(base, "kustomization.yaml")).json();
    kustomization.resources.push("../authority");
    await Bun.write(join(base, "kustomization.yaml"), JSON.stringify(kustomization));
    const kinds = (await build(base)).map(({ kind }) => kind);
    expect(kinds).not.toContain("Secret");
    await cluster.mustKubectl(["apply", "-k", base]);
    const path = "jsonpath={.webhooks[0].clientConfig.caBundle}";
    const bundle = await cluster.mustKubectl([
      "get",
      "mutatingwebhookconfiguration",
      "00-flyte-vault-webhook",
      "-o",
      path,
    ]);
    expect(Buffer.from(bundle, "base64").toString()).toBe(ca);
  });

  test("every component is in the overlay that has them all", async () => {
    const used = await Bun.file(join(OVERLAYS, "everything/kustomization.yaml")).text();
    const missing = (await readdir(COMPONENTS)).filter((name) => !used.includes(`components/${name}\n`));
    // One registers the webhook beside Flyte's, the other stands in place of cert-manager.
    expect(missing.toSorted()).toEqual(["observe", "own-certificates"]);
  });
});

describe("what DESIGN asks of them", () => {
  let manifests: readonly Manifest[];
  beforeAll(async () => {
    manifests = await build(join(OVERLAYS, "everything"));
  });
  const only = (kind: string, name?: string) => {
    const found = manifests.filter(
      (one) => one.kind === kind && (name === undefined || one.metadata.name === name),
    );
    const [first] = found;
    if (first === undefined || found.length > 1) throw new Error(`${found.length} of ${kind} ${name ?? ""}`);
    return first;
  };

  test("no RBAC at all, and no token", () => {
    const kinds = manifests.map(({ kind }) => kind);
    expect(kinds.filter((kind) => /Role|Secret$/.test(kind))).toEqual([]);
    expect(only("ServiceAccount").automountServiceAccountToken).toBe(false);
    for (const { spec } of manifests.filter(({ kind }) => kind === "Deployment"))
      expect(spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  test("two replicas or more, none missing during a rollout or a drain", () => {
    const { spec } = only("Deployment", "flyte-vault-webhook");
    expect(spec.replicas).toBeGreaterThanOrEqual(2);
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(only("PodDisruptionBudget").spec.maxUnavailable).toBe(1);
    expect(spec.template.spec.topologySpreadConstraints).toHaveLength(2);
    const [container] = spec.template.spec.containers;
    const preStop = container.lifecycle.preStop.sleep.seconds;
    expect(preStop).toBeGreaterThan(0);
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(preStop + 30);
  });

  test("the registration: name, failure, time, selectors, conditions", () => {
    const { metadata, webhooks } = only("MutatingWebhookConfiguration");
    expect(metadata.name).toBe("00-flyte-vault-webhook");
    expect(webhooks).toHaveLength(1);
    expect(webhooks[0]).toMatchObject({
      failurePolicy: "Fail",
      timeoutSeconds: 10,
      sideEffects: "None",
      reinvocationPolicy: "IfNeeded",
      objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
      rules: [{ resources: ["pods"], operations: ["CREATE"] }],
    });
    const [excluded] = webhooks[0].namespaceSelector.matchExpressions;
    expect(excluded.values).toContain("kube-system");
    expect(excluded.values).toContain("flyte-vault-webhook");
    expect(webhooks[0].matchConditions).toHaveLength(1);
  });

  test("the guard looks at exactly the pods that the webhook is called for", () => {
    const { webhooks } = only("MutatingWebhookConfiguration");
    const policies = manifests.filter(({ kind }) => kind === "ValidatingAdmissionPolicy");
    expect(policies).toHaveLength(2);
    for (const { spec } of policies) {
      const { objectSelector, namespaceSelector, resourceRules, matchPolicy } = spec.matchConstraints;
      expect({ objectSelector, namespaceSelector, rules: resourceRules, matchPolicy }).toEqual({
        objectSelector: webhooks[0].objectSelector,
        namespaceSelector: webhooks[0].namespaceSelector,
        rules: webhooks[0].rules,
        matchPolicy: webhooks[0].matchPolicy,
      });
    }
  });

  test("the guard warns and audits unless it is told to deny", async () => {
    const actions = (all: readonly Manifest[]) =>
      all
        .filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding")
        .map(({ spec }) => spec.validationActions);
    expect(actions(await build(join(OVERLAYS, "cert-manager")))).toEqual([
      ["Warn", "Audit"],
      ["Warn", "Audit"],
    ]);
    expect(actions(manifests)).toEqual([
      ["Deny", "Audit"],
      ["Deny", "Audit"],
    ]);
  });

  test("traffic in on two ports, none out", () => {
    const { spec } = only("NetworkPolicy");
    expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
    expect(spec.egress).toBeUndefined(); // an empty list would be dropped by the API server, and show as drift
    expect(spec.ingress.map(({ ports }: { ports: { port: string }[] }) => ports[0]?.port)).toEqual([
      "webhook",
      "management",
    ]);
  });

  test("the server finds its files: certificate, configuration and plugins are mounted as folders", () => {
    const [container] = only("Deployment", "flyte-vault-webhook").spec.template.spec.containers;
    const mounts = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(mounts).toEqual([
      "/etc/webhook/certs",
      "/etc/flyte-vault-webhook/config",
      "/tmp",
      "/etc/flyte-vault-webhook/plugins",
    ]);
    expect(JSON.stringify(container)).not.toContain("subPath");
    expect(container.args).toContain("/etc/flyte-vault-webhook/config");
  });
});

describe("our own pods", () => {
  test.each(["flyte-vault-webhook", "flyte-vault-webhook-preview"])(
    "%s: its template is accepted in our namespace, under the restricted Pod Security Standard, without a webhook",
    async (name) => {
      await cluster.mustKubectl(["apply", "-k", join(OVERLAYS, "everything")]);
      const deployment = JSON.parse(
        await cluster.mustKubectl([...NAMESPACE, "get", "deployment", name, "-o", "json"]),
      );
      const { metadata, spec } = deployment.spec.template;
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, generateName: "own-" }, spec };
      // No webhook answers here: were ours called for its own pods, this creation would be refused.
      const created = await cluster.kubectl([...NAMESPACE, "create", "-f", "-"], JSON.stringify(pod));
      expect(created.stderr).toBe("");
      expect(created.code).toBe(0);
    },
  );

  test("a privileged pod in our namespace is refused, so the standard is enforced", async () => {
    const spec = { containers: [{ name: "c", image: "i", securityContext: { privileged: true } }] };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "privileged" },
      spec: { ...spec, serviceAccountName: "flyte-vault-webhook" },
    };
    const { code, stderr } = await cluster.kubectl([...NAMESPACE, "create", "-f", "-"], JSON.stringify(pod));
    expect(code).toBe(1);
    expect(stderr).toContain('violates PodSecurity "restricted:latest"');
  });

  test("a pod of ours is not asked about even with Flyte's label on it", async () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "labelled",
        labels: { "inject-flyte-secrets": "true" },
        annotations: { "flyte.secrets/s0": "!" },
      },
      spec: restricted(),
    };
    const { code, stderr } = await cluster.kubectl([...NAMESPACE, "create", "-f", "-"], JSON.stringify(pod));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

function restricted() {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  return {
    serviceAccountName: "flyte-vault-webhook",
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [{ name: "c", image: "i", securityContext }],
  };
}

/** `manifests`: what is printed for which configuration; test/cluster/printed.cluster.ts hands it to an API server. */
import { afterAll, describe, expect, test } from "bun:test";
import { parseAllDocuments } from "yaml";
import { type Json, valueAt } from "../../src/kubernetes/tree.ts";
import { makeCertificates } from "../tls/make.ts";
import { createWorkplace } from "./harness.ts";

const { ca } = await makeCertificates();
const place = createWorkplace({
  "config/webhook.yaml": "webhook: { serviceName: flyte-vault-webhook }\n",
  "own.yaml": `webhook:
  serviceName: my-webhook
  servicePort: 8443
  listenPort: 10443
  certDir: /certs
  webhookTimeout: 30
  namespaceSelector:
    matchLabels: { flyte: "yes" }
    matchExpressions: [{ key: team, operator: Exists }]
server: { management: { port: 9090 }, clientCa: /elsewhere/clients.crt }
plugins:
  - { use: namespace, with: { namespace: "\${env:VAULT_NAMESPACE}" } }
  - { use: ./plugins/cost-center.ts }
  - { use: /etc/flyte-vault-webhook/plugins/there.ts }
`,
  "bad.yaml": "policy: { idz: stable }\n",
  "flyte.yaml":
    "Webhook: { vaultSecretManager: { role: a } }\ndatabase: { postgres: { password: hunter2 } }\nadmin: { clientSecret: hunter3 }\n",
  "token.yaml": "server: { preview: { token: hunter4 } }\n",
  "half.yaml": 'server: { preview: { token: "hunter5-$' + '{env:REST}" } }\n',
  "second.yaml": "webhook: {}\n---\nserver: { preview: { token: hunter6 } }\n",
  "variable.yaml": 'server: { preview: { token: "$' + '{env:PREVIEW_TOKEN}" } }\n',
  "ca.crt": ca.cert,
  "pair.pem": `${ca.cert}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
});
afterAll(place.remove);

/** Runs it and reads what it printed. */
async function print(line = "") {
  const run = await place.run(["manifests", ...line.split(" ").filter((word) => word !== "")]);
  const documents: readonly Json[] = parseAllDocuments(run.stdout).map((document) => document.toJS());
  const get = (kind: string, name: string, path: string) => {
    const found = documents.find(
      (one) => valueAt(one, ["kind"]) === kind && valueAt(one, ["metadata", "name"]) === name,
    );
    return valueAt(found, path.split("."));
  };
  return { ...run, documents, get, kinds: documents.map((one) => valueAt(one, ["kind"])) };
}

const REGISTRATION = ["MutatingWebhookConfiguration", "00-flyte-vault-webhook"] as const;
const GUARD = ["ValidatingAdmissionPolicy", "flyte-vault-webhook-requested"] as const;
const DEPLOYMENT = ["Deployment", "flyte-vault-webhook"] as const;

describe("manifests", () => {
  test("prints the namespace first and the registration last, with nothing on standard error", async () => {
    const { code, stderr, kinds } = await print();
    expect([code, stderr]).toEqual([0, ""]);
    expect([kinds[0], kinds.at(-1)]).toEqual(["Namespace", "MutatingWebhookConfiguration"]);
    expect(kinds).toContain("Certificate");
    expect(kinds).not.toContain("Secret");
  });

  test("prints the same twice", async () => {
    expect((await print("--config own.yaml")).stdout).toBe((await print("--config own.yaml")).stdout);
  });

  test("puts what the configuration says to where the cluster has to know it", async () => {
    const { code, get, issues } = await print("--config own.yaml");
    expect(code).toBe(0);
    expect(get(...REGISTRATION, "webhooks.0.clientConfig.service")).toEqual({
      ...{ name: "my-webhook", namespace: "flyte-vault-webhook", path: "/mutate", port: 8443 },
    });
    expect(get("Service", "my-webhook", "spec.ports.0.port")).toBe(8443);
    expect(get("Certificate", "flyte-vault-webhook-tls", "spec.dnsNames.0")).toBe(
      "my-webhook.flyte-vault-webhook.svc",
    );
    expect(get(...REGISTRATION, "webhooks.0.timeoutSeconds")).toBe(30);
    expect(get(...DEPLOYMENT, "spec.template.spec.containers.0.ports.0.containerPort")).toBe(10443);
    expect(get(...DEPLOYMENT, "spec.template.spec.containers.0.ports.1.containerPort")).toBe(9090);
    expect(get(...DEPLOYMENT, "spec.template.spec.containers.0.volumeMounts.0.mountPath")).toBe("/certs");
    expect(get("ConfigMap", "flyte-vault-webhook", "data")).toMatchObject({
      "own.yaml": expect.stringContaining("my-webhook"),
    });
    expect(issues).toEqual(["manifests.needed", "manifests.file", "manifests.file"]);
  });

  test("adds the configuration's namespaces to the webhook's and the guard's alike", async () => {
    const { get } = await print("--config own.yaml");
    const selector = get(...REGISTRATION, "webhooks.0.namespaceSelector");
    expect(selector).toMatchObject({ matchLabels: { flyte: "yes" } });
    expect(valueAt(selector, ["matchExpressions", "1"])).toEqual({ key: "team", operator: "Exists" });
    expect(get(...GUARD, "spec.matchConstraints.namespaceSelector")).toEqual(selector ?? null);
  });

  test("takes variables from a Secret, and prints no value of them", async () => {
    const line = ["manifests", "--config", "own.yaml"];
    const { stdout, stderr } = await place.run(line, { env: { VAULT_NAMESPACE: "s3cret" } });
    expect(stdout).not.toContain("s3cret");
    expect(stdout).toContain("key: VAULT_NAMESPACE");
    expect(stderr).toContain("flyte-vault-webhook-env with VAULT_NAMESPACE");
    expect(stderr).toContain('names "./plugins/cost-center.ts", but the pods do not have this file');
    expect(stderr).toContain("server.clientCa names");
    expect(stderr).not.toContain("there.ts");
  });

  test("waits as long as is shipped where the configuration does not say otherwise", async () => {
    expect((await print()).get(...REGISTRATION, "webhooks.0.timeoutSeconds")).toBe(10);
  });

  test("in another namespace nothing names the usual one", async () => {
    const { stdout, get } = await print("-n elsewhere");
    expect(stdout).not.toMatch(/namespace: flyte-vault-webhook$/m);
    expect(stdout).not.toMatch(/^ *- flyte-vault-webhook$/m);
    expect(get("Namespace", "elsewhere", "kind")).toBe("Namespace");
    expect(get(...REGISTRATION, "metadata.annotations")).toEqual({
      "cert-manager.io/inject-ca-from": "elsewhere/flyte-vault-webhook-tls",
    });
    expect(get("Certificate", "flyte-vault-webhook-tls", "spec.dnsNames.0")).toBe(
      "flyte-vault-webhook.elsewhere.svc",
    );
  });

  test("an authority of one's own takes cert-manager's place", async () => {
    const { get, kinds, issues } = await print("--ca-bundle ca.crt");
    expect(atob(String(get(...REGISTRATION, "webhooks.0.clientConfig.caBundle")))).toBe(ca.cert);
    expect(kinds).not.toContain("Certificate");
    expect(get(...REGISTRATION, "metadata.annotations")).toBeUndefined();
    expect(issues).toEqual(["manifests.needed"]);
  });

  test("components are added and left out; each container gets the image", async () => {
    const { get, kinds, stdout } = await print(
      "--with preview --with monitoring --without network-policy --image r/w:1",
    );
    expect(kinds).toContain("ServiceMonitor");
    expect(kinds).not.toContain("NetworkPolicy");
    expect(stdout.match(/image: r\/w:1$/gm)).toHaveLength(2);
    expect(get("ConfigMap", "flyte-vault-webhook", "data")).toEqual({
      "webhook.yaml": "webhook: { serviceName: flyte-vault-webhook }\n",
      "monitoring.yaml": expect.stringContaining("0.0.0.0"),
    });
  });

  test("says what the pods need besides, each with the command that makes it", async () => {
    const { issues, stderr } = await print("--with preview --with team-plugins --ca-bundle ca.crt -n here");
    expect(issues).toEqual(["manifests.needed", "manifests.needed", "manifests.needed"]);
    for (const command of [
      "kubectl -n here create secret tls flyte-vault-webhook-tls --cert=tls.crt --key=tls.key",
      "kubectl -n here create secret generic flyte-vault-webhook-preview --from-literal=token=…",
      "kubectl -n here create configmap flyte-vault-webhook-plugins --from-file=FOLDER",
    ])
      expect(stderr).toContain(command);
  });

  test.each([
    ["flyte.yaml", ["manifests.section", "manifests.section"], ["section database", "section admin"]],
    ["token.yaml", ["manifests.token"], ["server.preview.token"]],
    ["half.yaml", ["manifests.token"], ["server.preview.token"]],
    ["second.yaml", ["manifests.token"], ["server.preview.token"]],
  ])(
    "%s would show a secret in a ConfigMap: refused with the reason, and not with the secret",
    async (file, codes, said) => {
      const { code, stdout, stderr, issues } = await print(`--config config --config ${file}`);
      expect({ code, stdout, issues }).toEqual({ code: 2, stdout: "", issues: codes });
      for (const part of said) expect(stderr).toContain(part);
      expect(stderr).not.toContain("hunter");
    },
  );

  test("a preview token that is a variable goes into the ConfigMap as it stands", async () => {
    const { code, get } = await print("--config variable.yaml");
    expect(code).toBe(0);
    expect(JSON.stringify(get("ConfigMap", "flyte-vault-webhook", "data"))).toContain("env:PREVIEW_TOKEN");
  });

  test("no combination of flags prints a registration that trusts nobody", async () => {
    const flags = [
      "--without cert-manager",
      "--ca-bundle ca.crt",
      "--with cert-manager",
      "--without injection-guard",
      "--with preview",
    ];
    for (let chosen = 0; chosen < 2 ** flags.length; chosen++) {
      const line = flags.filter((_, index) => chosen & (1 << index)).join(" ");
      const { code, stdout, get } = await print(line);
      const trusted =
        get(...REGISTRATION, "webhooks.0.clientConfig.caBundle") ??
        valueAt(get(...REGISTRATION, "metadata.annotations"), ["cert-manager.io/inject-ca-from"]);
      expect(code === 0 ? trusted : stdout, line).toEqual(code === 0 ? expect.any(String) : "");
    }
  });

  test.each([
    ["--without cert-manager", "manifests.no-authority", "--ca-bundle"],
    ["--with monitorin", "cli.option-value", "Did you mean monitoring?"],
    ["--without x", "cli.option-value", "--without"],
    ["-n Upper", "manifests.option", "lower-case letters"],
    ["--ca-bundle none.crt", "cli.input-unreadable", "none.crt"],
    ["--ca-bundle own.yaml", "manifests.authority", "no certificate alone"],
    ["--ca-bundle pair.pem", "manifests.authority", "a private key"],
    ["--ca-bundle ca.crt --with cert-manager", "cli.options-exclusive", "--with cert-manager"],
    ["--config bad.yaml", "config.name-unknown", "idz"],
    [
      "--with injection-guard-deny --without injection-guard",
      "manifests.component-alone",
      "or --without injection-guard",
    ],
  ])("`%s` is refused, and nothing is printed", async (line, issue, said) => {
    const { code, stdout, stderr, issues } = await print(line);
    expect({ code, stdout, issues }).toEqual({ code: 2, stdout: "", issues: [issue] });
    expect(stderr).toContain(said);
  });
});

describe("manifests for policy.mode: observe", () => {
  const observing = "policy: { mode: observe }\n";

  test("with the component: after Flyte's name, before the injector's, and failures are ignored", async () => {
    const place = createWorkplace({ "config/webhook.yaml": observing });
    const { stdout, code } = await place.run(["manifests", "--with", "observe"]);
    place.remove();
    const registration = stdout
      .split(/^---\n/m)
      .find((text) => text.includes("kind: MutatingWebhookConfiguration"));
    expect(code).toBe(0);
    expect(Bun.YAML.parse(registration ?? "")).toMatchObject({
      metadata: { name: "v-flyte-vault-webhook-observe" },
      webhooks: [{ failurePolicy: "Ignore", reinvocationPolicy: "Never" }],
    });
    const flytes = ["flyte-pod-webhook", "flyte-flyte-binary-webhook", "prod-flyte-binary-webhook"];
    const order = ["vault-agent-injector-cfg", "v-flyte-vault-webhook-observe", ...flytes].toSorted();
    expect(order.indexOf("v-flyte-vault-webhook-observe")).toBe(flytes.length);
  });

  test.each([
    ["observe without it", observing, []],
    ["enforce with it", "policy: { mode: enforce }\n", ["--with", "observe"]],
  ])("%s: refused", async (_, config, args) => {
    const place = createWorkplace({ "config/webhook.yaml": config });
    const { code, issues, stdout } = await place.run(["manifests", ...args]);
    place.remove();
    expect([code, issues, stdout]).toEqual([2, ["manifests.observe"], ""]);
  });

  test("a pilot beside it: refused, because nobody would serve the pilot's pods", async () => {
    const place = createWorkplace({ "config/webhook.yaml": observing });
    const { code, issues, stdout } = await place.run([
      "manifests",
      "--with",
      "observe",
      "--pilot",
      "project=a",
    ]);
    place.remove();
    expect([code, issues, stdout]).toEqual([2, ["manifests.observe-pilot"], ""]);
  });
});

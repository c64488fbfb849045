/** The Helm chart says what kustomize says: both are built, and compared object by object. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseAllDocuments } from "yaml";
import { renderChart } from "../../config/helm/render.ts";
import { jsonSchema } from "../../src/config/schema-file.ts";
import { parsePilot, toSelectors } from "../../src/migrate/pilot.ts";
import { createWorkplace } from "../cli/harness.ts";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { type Assets, findAssets } from "./fixture/assets.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { registerFlyte } from "./fixture/flyte.ts";
import { run } from "./fixture/process.ts";
import { installStubs } from "./fixture/stubs.ts";

const CONFIG = join(import.meta.dir, "../../config");
const CHART = join(CONFIG, "helm/flyte-vault-webhook");
const OVERLAYS = join(CONFIG, "kubernetes/overlays");

// Built without the release's flags, helm takes itself for one of Kubernetes 1.20.
const NEWEST = ["--kube-version", "1.37.2"];

let assets: Assets;
let folder: string;

beforeAll(async () => {
  assets = await findAssets();
  folder = await mkdtemp(join(tmpdir(), "helm-"));
}, 900_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Selectors {
  readonly namespaceSelector?: object;
  readonly objectSelector?: object;
}

/** What the API server compares with pods: a registration, or a policy of the guard. */
interface Selecting extends Manifest {
  readonly webhooks?: readonly Selectors[];
  readonly spec?: { readonly matchConstraints?: Selectors };
}

function isSelecting(value: unknown): value is Selecting {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  return kind === "MutatingWebhookConfiguration" || kind === "ValidatingAdmissionPolicy";
}

const template = (flags: readonly string[]) =>
  run([assets.helm, "template", ...NEWEST, "any-name", CHART, "-n", "flyte-vault-webhook", ...flags]);

const parseManifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).flatMap((document): readonly Manifest[] => {
    const manifest: Manifest | null = document.toJS();
    return manifest === null ? [] : [manifest];
  });

/** Objects by kind and name; the namespace itself is Helm's to make (`--create-namespace`). */
async function build(command: readonly string[]): Promise<ReadonlyMap<string, Manifest>> {
  const { code, stdout, stderr } = await run(command);
  if (code !== 0) throw new Error(stderr);
  const manifests = parseAllDocuments(stdout)
    .map((document): Manifest | null => document.toJS())
    .filter((manifest) => manifest !== null && manifest.kind !== "Namespace");
  return new Map(
    manifests
      .flatMap((one) => (one === null ? [] : [[`${one.kind}/${one.metadata.name}`, one] as const]))
      .sort(),
  );
}

const helm = (...flags: readonly string[]) =>
  build([assets.helm, "template", ...NEWEST, "any-name", CHART, "-n", "flyte-vault-webhook", ...flags]);
const kustomize = (overlay: string) => build([assets.kubectl, "kustomize", join(OVERLAYS, overlay)]);

describe("the chart", () => {
  test("its generated files are up to date: bun config/helm/update.ts", async () => {
    for (const [path, text] of await renderChart())
      expect(await Bun.file(join(CHART, path)).text()).toBe(text);
  });

  test("as it is, it equals the overlay cert-manager", async () => {
    expect(await helm()).toEqual(await kustomize("cert-manager"));
  });

  test("with everything on, it equals the overlay that has everything", async () => {
    const values = {
      guard: { actions: ["Deny", "Audit"] },
      monitoring: { enabled: true },
      preview: { enabled: true },
      plugins: {
        enabled: true,
        files: { "cost-center.ts": await Bun.file(join(OVERLAYS, "everything/cost-center.ts")).text() },
      },
    };
    const file = join(folder, "values.yaml");
    await Bun.write(file, JSON.stringify(values));
    expect(sortVolumes(await helm("-f", file))).toEqual(sortVolumes(await kustomize("everything")));
  });

  test("in the first of two steps nothing can refuse a pod, and everything else is there", async () => {
    const all = await helm();
    const first = await helm("--set", "registration.enabled=false,guard.enabled=false");
    const left = [...all.keys()].filter((name) => !first.has(name));
    expect(left.map((name) => name.split("/")[0])).toEqual([
      "MutatingWebhookConfiguration",
      ...Array(2).fill("ValidatingAdmissionPolicy"),
      ...Array(2).fill("ValidatingAdmissionPolicyBinding"),
    ]);
  });

  test("in another namespace nothing names the usual one", async () => {
    const { stdout } = await run([assets.helm, "template", ...NEWEST, "any-name", CHART, "-n", "elsewhere"]);
    expect(stdout).toContain("flyte-vault-webhook.elsewhere.svc");
    expect(stdout).not.toMatch(/namespace: flyte-vault-webhook\b/);
    expect(stdout).not.toContain("flyte-vault-webhook.flyte-vault-webhook.svc");
    expect(stdout).not.toMatch(/^\s*- flyte-vault-webhook$/m);
  });

  test("without cert-manager: the authority that was given, no annotation, no certificate", async () => {
    const bundle = btoa((await createAuthority("an operator's own")).ca);
    const built = await helm("--set", "certManager.enabled=false", "--set", `caBundle=${bundle}`);
    const registration = JSON.stringify(built.get("MutatingWebhookConfiguration/00-flyte-vault-webhook"));
    expect(registration).toContain(`"caBundle":"${bundle}"`);
    expect(registration).not.toContain("cert-manager");
    expect([...built.keys()].filter((name) => /Certificate|Issuer/.test(name))).toEqual([]);
  });

  test("no combination of values renders a registration that trusts nobody", async () => {
    const bundle = btoa((await createAuthority("an operator's own")).ca);
    const values = [
      "certManager.enabled=false",
      `caBundle=${bundle}`,
      "caBundle=QUJD",
      "caBundle= ",
      "registration.enabled=false",
    ];
    for (let chosen = 0; chosen < 2 ** values.length; chosen++) {
      const flags = values.filter((_, index) => chosen & (1 << index)).flatMap((value) => ["--set", value]);
      const { code, stdout, stderr } = await template(flags);
      if (code !== 0) expect(stderr).toContain("caBundle: expected the base64 text");
      const registration = parseManifests(stdout).find(({ kind }) => kind === "MutatingWebhookConfiguration");
      if (registration === undefined) continue;
      const text = JSON.stringify(registration);
      const trusted =
        text.includes(`"caBundle":"${bundle}"`) || text.includes("cert-manager.io/inject-ca-from");
      expect({ flags, trusted }).toEqual({ flags, trusted: true });
    }
  }, 120_000);

  test("follows the ports and the folder of the configuration, whatever the case of Flyte's names", async () => {
    const file = join(folder, "own.yaml");
    await Bun.write(
      file,
      "Webhook: { ListenPort: 10443, certdir: /certs, servicePort: 8443 }\nserver: { management: { port: 9090 } }\n",
    );
    const built = await helm("--set-file", `config=${file}`, "--set", "preview.enabled=true");
    const text = (name: string) => JSON.stringify(built.get(name));
    expect(text("Deployment/flyte-vault-webhook")).toContain('"containerPort":10443');
    expect(text("Deployment/flyte-vault-webhook")).toContain('"containerPort":9090');
    expect(text("Deployment/flyte-vault-webhook")).toContain('"mountPath":"/certs"');
    expect(text("Deployment/flyte-vault-webhook-preview")).toContain('"containerPort":9090');
    expect(text("Service/flyte-vault-webhook")).toContain('"port":8443');
    expect(text("MutatingWebhookConfiguration/00-flyte-vault-webhook")).toContain('"port":8443');
  });

  test.each([
    ["webhook: {}\ndatabase: { password: hunter2 }\n", 'the section "database"'],
    ["server: { preview: { token: hunter2 } }\n", "server.preview.token is a literal"],
    ["webhook: [\n", "cannot read it as YAML"],
  ])("refuses the configuration %j", async (text, said) => {
    const file = join(folder, "refused.yaml");
    await Bun.write(file, text);
    const { code, stdout, stderr } = await template(["--set-file", `config=${file}`]);
    expect([code === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain("hunter2");
  });

  test("observing: as the component observe, and refused unless the configuration says so too", async () => {
    const file = join(folder, "observe.yaml");
    await Bun.write(file, "policy: { mode: observe }\n");
    const built = await helm("--set-file", `config=${file}`, "--set", "observe.enabled=true");
    const overlay = join(folder, "observe");
    await Bun.write(
      join(overlay, "kustomization.yaml"),
      JSON.stringify({
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: [relative(overlay, join(OVERLAYS, "cert-manager"))],
        components: [relative(overlay, join(OVERLAYS, "../components/observe"))],
      }),
    );
    const name = "MutatingWebhookConfiguration/v-flyte-vault-webhook-observe";
    const expected = await build([
      assets.kubectl,
      "kustomize",
      "--load-restrictor=LoadRestrictionsNone",
      overlay,
    ]);
    expect(expected.get(name)).toBeDefined();
    expect([...built.keys()]).toEqual([...expected.keys()]);
    expect(built.get(name)).toEqual(expected.get(name) as Manifest);
  });

  const OBSERVE = "policy: { mode: observe }\n";
  test.each<readonly [string, string, string, readonly string[]]>([
    ["observe without its registration", "failurePolicy Fail", OBSERVE, []],
    ["the registration without observe", "ignore failures", "webhook: {}\n", ["observe.enabled=true"]],
    ["an unknown mode", "expected policy.mode", "policy: { mode: look }\n", ["observe.enabled=true"]],
    ["a pilot that only observes", "no longer serve", OBSERVE, ["observe.enabled=true,pilot.projects={a}"]],
    ["two kinds of pilot", "not both", "webhook: {}\n", ["pilot.projects={a},pilot.namespaces={b}"]],
    ["kube-system", "other than kube-system", "webhook: {}\n", ["pilot.namespaces={a,kube-system}"]],
    [
      "its own namespace",
      "other than flyte-vault",
      "webhook: {}\n",
      ["pilot.namespaces={flyte-vault-webhook}"],
    ],
    ["a name that no namespace has", "does not match pattern", "webhook: {}\n", ["pilot.namespaces={A}"]],
    ["a quote in a name", "does not match pattern", "webhook: {}\n", ["pilot.projects={a'b}"]],
  ])("refuses %s", async (_, said, text, sets) => {
    const file = join(folder, "mode.yaml");
    await Bun.write(file, text);
    const flags = sets.flatMap((set) => ["--set", set]);
    const { code, stdout, stderr } = await template(["--set-file", `config=${file}`, ...flags]);
    expect([code === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toContain(said);
  });

  test.each([
    ["namespaces", "namespaces=team-a,team-b", "pilot.namespaces={team-a,team-b}"],
    ["projects", "project=fraud,search", "pilot.projects={fraud,search}"],
  ])("a pilot by %s: what `manifests --pilot` prints", async (_, list, set) => {
    const config = join(folder, "pilot.yaml");
    await Bun.write(config, 'webhook: { namespaceSelector: { matchLabels: { "left-out": "true" } } }\n');
    const place = createWorkplace({ "webhook.yaml": await Bun.file(config).text() });
    const printed = await place.run(["manifests", "--config", "webhook.yaml", "--pilot", list]);
    place.remove();
    const flags = [
      "--set",
      set,
      "--set",
      "namespaceSelector[0].key=left-out,namespaceSelector[0].operator=Exists",
    ];
    const built = await helm("--set-file", `config=${config}`, ...flags);
    const selectorsOf = (manifests: Iterable<unknown>) =>
      Object.fromEntries(
        [...manifests]
          .filter(isSelecting)
          .map((one) => [
            one.metadata.name,
            (one.webhooks ?? [one.spec?.matchConstraints]).map((each) => [
              each?.namespaceSelector,
              each?.objectSelector,
            ]),
          ]),
      );
    const { "flyte-pod-webhook": _flytes, ...ours } = selectorsOf(parseManifests(printed.stdout));
    expect(selectorsOf(built.values())).toEqual(ours);
    expect(Object.keys(ours)).toHaveLength(3);
  });

  test("takes every section of the configuration, as `manifests` does", async () => {
    const file = join(folder, "sections.yaml");
    const sections = Object.keys(jsonSchema.properties).filter((name) => !name.startsWith("$"));
    await Bun.write(file, sections.map((name) => `${name}: ${name === "version" ? 1 : "{}"}\n`).join(""));
    const { code, stderr } = await template(["--set-file", `config=${file}`]);
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("the same values give the same text, and nothing is asked of a cluster or made up", async () => {
    const twice = await Promise.all([1, 2].map(() => run([assets.helm, "template", ...NEWEST, "x", CHART])));
    expect(twice[0]?.stdout).toBe(twice[1]?.stdout ?? "");
    const sources = await run(["grep", "-rnE", "lookup|genCA|genSelfSigned|randAlpha|uuidv4|now ", CHART]);
    expect(sources.stdout).toBe("");
  });

  test("a mistyped value is refused by name", async () => {
    const { code, stderr } = await run([
      assets.helm,
      "template",
      ...NEWEST,
      "x",
      CHART,
      "--set",
      "replica=3",
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("replica");
  });

  test("helm lint finds nothing", async () => {
    const { code, stdout } = await run([
      assets.helm,
      "lint",
      ...NEWEST,
      "--strict",
      CHART,
      "--set",
      "image=x",
    ]);
    expect({ code, stdout }).toMatchObject({ code: 0 });
  });
});

describe("the chart in a cluster", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await installStubs(cluster);
  }, 60_000);
  afterAll(() => cluster?.stop());

  const inCluster = async (...args: readonly string[]) => {
    const env = { KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder };
    const { code, stdout, stderr } = await run([assets.helm, "-n", "webhooks", ...args], { env });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };

  test("install, upgrade, uninstall: nothing is left that would refuse pods", async () => {
    await inCluster("install", "--create-namespace", "secrets", CHART);
    const registered = ["get", "mutatingwebhookconfiguration", "-o", "name"];
    expect(await cluster.mustKubectl(registered)).toContain("/00-flyte-vault-webhook\n");
    await inCluster("upgrade", "secrets", CHART, "--set", "replicas=3");
    const replicas = [
      "-n",
      "webhooks",
      "get",
      "deployment",
      "flyte-vault-webhook",
      "-o",
      "jsonpath={.spec.replicas}",
    ];
    expect(await cluster.mustKubectl(replicas)).toBe("3");
    await inCluster("uninstall", "secrets");
    expect(await cluster.mustKubectl(registered)).toBe("");
    expect(await cluster.mustKubectl(["get", "validatingadmissionpolicybinding", "-o", "name"])).toBe("");
  });

  test.each(["namespaces=team-a,team-b", "project=fraud,search"])(
    "a pilot, %s: the command in the notes makes Flyte's registration the complement",
    async (list) => {
      await registerFlyte(cluster, {
        port: 1,
        ca: (await createAuthority("flyte")).ca,
        asked: [],
        stop: () => {},
      });
      const [by = "", names = ""] = list.split("=");
      const set = `pilot.${by === "project" ? "projects" : by}={${names}}`;
      const notes = await inCluster("install", "--create-namespace", "secrets", CHART, "--set", set);
      const command = /^ *kubectl (patch .*) -p '(.*)'$/m.exec(notes);
      await cluster.mustKubectl([...(command?.[1] ?? "").split(" "), "-p", command?.[2] ?? ""]);
      const pilot = parsePilot(list, "webhooks");
      if (typeof pilot === "string") throw new Error(pilot);
      const { namespace, object } = toSelectors(pilot).flyte;
      const [webhook] = JSON.parse(
        await cluster.mustKubectl(["get", "mutatingwebhookconfiguration", "flyte-pod-webhook", "-o", "json"]),
      ).webhooks;
      expect(webhook.namespaceSelector.matchExpressions ?? []).toEqual(namespace);
      expect(webhook.objectSelector.matchExpressions ?? []).toEqual(object);
      expect(webhook.objectSelector.matchLabels).toEqual({ "inject-flyte-secrets": "true" });
      await inCluster("uninstall", "secrets");
      await cluster.mustKubectl(["delete", "mutatingwebhookconfiguration", "flyte-pod-webhook"]);
    },
  );
});

/** kustomize adds a component's volumes where it likes; their order says nothing. */
function sortVolumes(manifests: ReadonlyMap<string, Manifest>) {
  return JSON.parse(JSON.stringify([...manifests]), (_, value) =>
    Array.isArray(value) && value.every((one) => typeof one?.name === "string")
      ? value.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      : value,
  );
}

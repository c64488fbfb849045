/** What `manifests` prints, against kustomize's own output and a real API server. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { run } from "./fixture/process.ts";
import { writeOverlay } from "./fixture/registration.ts";
import { installStubs } from "./fixture/stubs.ts";

const ROOT = join(import.meta.dir, "../..");
const SHIPPED = join(ROOT, "config/kubernetes/base/webhook.yaml");
const EVERYTHING = ["injection-guard-deny", "monitoring", "preview", "team-plugins"];

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installStubs(cluster);
}, 900_000);

afterAll(() => cluster?.stop());

async function print(...flags: readonly string[]): Promise<string> {
  const command = [process.execPath, join(ROOT, "src/entry/bun.ts"), "manifests", ...flags];
  const { code, stdout, stderr } = await run(command);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** Objects by kind and name. */
function byName(text: string): ReadonlyMap<string, unknown> {
  const manifests = parseAllDocuments(text).map((document) => document.toJS());
  return new Map(manifests.map((one) => [`${one.kind}/${one.metadata.name}`, one] as const));
}

const withAll = (names: readonly string[]) => names.flatMap((name) => ["--with", name]);

describe("what `manifests` prints", () => {
  test.each([
    ["as it is", [], ["cert-manager", "injection-guard", "network-policy"]],
    [
      "with every component",
      withAll(EVERYTHING),
      ["cert-manager", "injection-guard", "injection-guard-deny", "network-policy", ...EVERYTHING.slice(1)],
    ],
  ])("%s, it equals what kustomize builds of the same components", async (_, flags, components) => {
    const overlay = await writeOverlay(cluster, components);
    const built = await cluster.mustKubectl(["kustomize", "--load-restrictor=LoadRestrictionsNone", overlay]);
    expect(byName(await print("--config", SHIPPED, ...flags))).toEqual(byName(built));
  });

  test("with nothing but an authority, it equals the base and the registration with that authority in it", async () => {
    const authority = join(cluster.folder, "only.crt");
    await Bun.write(authority, (await createAuthority("an operator's own")).ca);
    const built = await cluster.mustKubectl(["kustomize", await writeOverlay(cluster, [])]);
    const flags = ["injection-guard", "network-policy"].flatMap((name) => ["--without", name]);
    const printed = await print("--config", SHIPPED, "--ca-bundle", authority, ...flags);
    const bundle = /^ *caBundle: (\S+)\n/m.exec(printed);
    expect(atob(bundle?.[1] ?? "")).toBe(await Bun.file(authority).text());
    expect(byName(printed.replace(bundle?.[0] ?? "", ""))).toEqual(byName(built));
  });

  test("the API server takes all of it, the registration last, and a second time nothing would change", async () => {
    const text = await print("--config", SHIPPED, ...withAll(EVERYTHING));
    const namespace = await cluster.kubectl(["create", "--save-config", "namespace", "flyte-vault-webhook"]);
    expect(namespace.code).toBe(0); // a dry run creates none for what comes after it
    const dry = await cluster.kubectl(["apply", "--dry-run=server", "-f", "-"], text);
    expect(dry.code).toBe(0);
    const applied = await cluster.kubectl(["apply", "-f", "-"], text);
    expect(applied.code).toBe(0);
    expect(applied.stdout.trimEnd().split("\n").at(-1)).toContain("/00-flyte-vault-webhook ");
    expect(await cluster.kubectl(["diff", "-f", "-"], text)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("for another namespace, service, authority and configuration, too", async () => {
    const { ca } = await createAuthority("an operator's own");
    const authority = join(cluster.folder, "ca.crt");
    const config = join(cluster.folder, "own.yaml");
    await Bun.write(authority, ca);
    await Bun.write(
      config,
      `webhook:
  serviceName: my-webhook
  servicePort: 8443
  listenPort: 10443
  webhookTimeout: 15
  namespaceSelector: { matchLabels: { flyte: "yes" }, matchExpressions: [{ key: team, operator: Exists }] }
plugins: [{ use: namespace, with: { namespace: "\${env:VAULT_NAMESPACE}" } }]
`,
    );
    await cluster.mustKubectl(["create", "--save-config", "namespace", "elsewhere"]);
    const text = await print(
      "-n",
      "elsewhere",
      "--ca-bundle",
      authority,
      "--config",
      config,
      ...withAll(EVERYTHING),
    );
    const dry = await cluster.kubectl(["apply", "--dry-run=server", "-f", "-"], text);
    expect({ code: dry.code, stderr: dry.stderr }).toEqual({ code: 0, stderr: "" });
    expect(dry.stdout).toContain("service/my-webhook created");
  });
});

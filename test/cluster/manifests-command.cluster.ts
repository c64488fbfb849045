/** `manifests` prints what kustomize would build, and a real API server takes it in one go, again and again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import process from "node:process";
import { parseAllDocuments } from "yaml";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { createAuthority } from "./fixture/certificate.ts";
import { run } from "./fixture/process.ts";
import { installStubs } from "./fixture/stubs.ts";

const ROOT = join(import.meta.dir, "../..");
const BASE_CONFIG = join(ROOT, "config/kubernetes/base/webhook.yaml");

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installStubs(cluster);
}, 900_000);

afterAll(() => cluster?.stop());

async function print(...flags: readonly string[]): Promise<string> {
  const command = [process.execPath, join(ROOT, "src/entry/bun.ts"), "manifests", ...flags];
  const { code, stdout, stderr } = await run(command);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

/** Objects by kind and name. */
function index(text: string): ReadonlyMap<string, unknown> {
  const manifests = parseAllDocuments(text).map((document) => document.toJS());
  return new Map(manifests.map((one) => [`${one.kind}/${one.metadata.name}`, one] as const).sort());
}

const kustomize = async (overlay: string) =>
  index(await cluster.mustKubectl(["kustomize", join(ROOT, "config/kubernetes/overlays", overlay)]));

describe("manifests", () => {
  test("print what the overlay cert-manager is", async () => {
    expect(index(await print("--config", BASE_CONFIG))).toEqual(await kustomize("cert-manager"));
  });

  test("print what the overlay that has everything is, but for a team's own plugins", async () => {
    const more = ["injection-guard-deny", "monitoring", "preview", "team-plugins"];
    const printed = index(await print("--config", BASE_CONFIG, ...more.flatMap((name) => ["--with", name])));
    const built = new Map(await kustomize("everything"));
    expect(built.delete("ConfigMap/flyte-vault-webhook-plugins")).toBe(true);
    expect(printed).toEqual(built);
  });

  test.each([
    ["the example configuration", []],
    [
      "a configuration and every component",
      ["injection-guard-deny", "monitoring", "preview", "team-plugins"],
    ],
  ])("are accepted in one go, and a second time would change nothing: %s", async (_, more) => {
    const file = join(cluster.folder, "manifests.yaml");
    const example = join(ROOT, "config/webhook.yaml");
    await Bun.write(file, await print("--config", example, ...more.flatMap((name) => ["--with", name])));
    const applied = await cluster.kubectl(["apply", "-f", file]);
    expect(applied).toMatchObject({ code: 0, stderr: "" });
    expect(await cluster.kubectl(["diff", "-f", file])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("have an operator's own authority", async () => {
    const { ca } = await createAuthority("an operator's own");
    const [file, authority] = [join(cluster.folder, "own.yaml"), join(cluster.folder, "own.crt")];
    await Bun.write(authority, ca);
    await Bun.write(file, await print("--config", BASE_CONFIG, "--ca", authority));
    await cluster.mustKubectl(["apply", "-f", file]);
    const path = "jsonpath={.webhooks[0].clientConfig.caBundle}";
    const names = ["mutatingwebhookconfiguration", "00-flyte-vault-webhook"];
    const bundle = await cluster.mustKubectl(["get", ...names, "-o", path]);
    expect(Buffer.from(bundle, "base64").toString()).toBe(ca);
  });
});

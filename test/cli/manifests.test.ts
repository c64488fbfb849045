/** `manifests`: what an installation with a configuration is made of. test/cluster compares it with kustomize. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { makeCertificates } from "../tls/make.ts";
import { createWorkplace, type Workplace } from "./harness.ts";

let place: Workplace;
beforeAll(async () => {
  const { ca, server } = await makeCertificates();
  place = createWorkplace({
    "installed.yaml": "webhook: { serviceName: flyte-vault-webhook, vaultSecretManager: { role: a } }\n",
    "one.yaml": "webhook: { vaultSecretManager: { role: one } }\n",
    "another.yaml": "webhook: { vaultSecretManager: { role: another } }\n",
    "ca.crt": ca.cert,
    "leaf.crt": server.cert,
    "ca.key": ca.key,
  });
});
afterAll(() => place.remove());

interface Printed {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: looked into by tests, checked by a real API server in test/cluster
  readonly [field: string]: any;
}

/** The manifests, by kind and name. */
async function print(...args: string[]): Promise<ReadonlyMap<string, Printed>> {
  const { code, stdout, stderr } = await place.run(["manifests", ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const printed = parseAllDocuments(stdout).map((document): Printed => document.toJS());
  return new Map(printed.map((one) => [`${one.kind}/${one.metadata.name}`, one]));
}

const NAME = "flyte-vault-webhook";
const configurationOf = (printed: ReadonlyMap<string, Printed>): Readonly<Record<string, string>> =>
  printed.get(`ConfigMap/${NAME}`)?.data;

describe("manifests", () => {
  test("a registration follows what it calls", async () => {
    const kinds = [...(await print()).values()].map(({ kind }) => kind);
    expect(kinds[0]).toBe("Namespace");
    expect(kinds.indexOf("MutatingWebhookConfiguration")).toBeGreaterThan(kinds.indexOf("Deployment"));
    expect(kinds).toContain("Certificate");
  });

  test("a configuration that agrees with them is alone, as it is written", async () => {
    const data = configurationOf(await print("--config", "installed.yaml"));
    expect(data).toEqual({ "webhook.yaml": expect.stringContaining("{ role: a }") });
  });

  test("Flyte's own section works unchanged: what stands in other manifests wins over it", async () => {
    const folder = join(place.folder, "mounted");
    mkdirSync(folder);
    const data = configurationOf(await print("--config", "one.yaml", "--config", "another.yaml"));
    for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
    const loaded = await loadConfig([folder], {});
    expect(loaded.ok && loaded.value.config).toMatchObject({
      webhook: {
        ...{ serviceName: NAME, listenPort: 9443, certDir: "/etc/webhook/certs" },
        vaultSecretManager: { role: "another" },
      },
      server: { management: { port: 8080 } },
    });
  });

  test("--image is in every Deployment", async () => {
    const printed = await print("--image", "example.com/a:1", "--with", "preview");
    for (const name of [NAME, `${NAME}-preview`]) {
      expect(printed.get(`Deployment/${name}`)?.spec.template.spec.containers[0].image).toBe(
        "example.com/a:1",
      );
    }
  });

  test("--ca puts the authority into the registration, in place of cert-manager", async () => {
    const printed = await print("--ca", "ca.crt", "--without", "network-policy");
    const registration = printed.get(`MutatingWebhookConfiguration/00-${NAME}`);
    expect(atob(registration?.webhooks[0].clientConfig.caBundle)).toContain("BEGIN CERTIFICATE");
    expect([...printed.keys()].filter((key) => /^(?:Certificate|NetworkPolicy)/.test(key))).toEqual([]);
  });

  test.each([
    [["--with", "preiew"], "manifests.component-unknown", "Did you mean preview?"],
    [["--with", "mesh"], "manifests.component-unknown", "Name one of: cert-manager, "],
    [["--ca", "leaf.crt"], "manifests.authority", "it must not sign others"],
    [["--ca", "ca.key"], "manifests.authority", "is no authority's certificate"],
    [["--ca", "nowhere.crt"], "manifests.authority", "ENOENT"],
    [["--config", "nowhere.yaml"], "config.file-missing", "nowhere.yaml"],
  ])("%j is refused", async (args, issue, words) => {
    const { code, stdout, stderr, issues } = await place.run(["manifests", ...args]);
    expect([code, stdout, issues]).toEqual([2, "", [issue]]);
    expect(stderr).toContain(words);
  });
});

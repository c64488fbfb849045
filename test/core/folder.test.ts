/** Where the configuration puts the secrets, and where the task is told to look. */
import { describe, expect, test } from "bun:test";
import { createTestEngine, DEFAULT_SETTINGS, podWith, reviewPod, secret } from "../fixtures/engine.ts";

const KEY = "vault.hashicorp.com/secret-volume-path";
const REQUEST = secret({ group: "secret/data/team", key: "password" });

async function review(configured: string | undefined, own: string | undefined) {
  const annotations: Readonly<Record<string, string>> = configured === undefined ? {} : { [KEY]: configured };
  const vaultSecretManager = { ...DEFAULT_SETTINGS.webhook.vaultSecretManager, annotations };
  const engine = await createTestEngine({ ...DEFAULT_SETTINGS, webhook: { vaultSecretManager } });
  const outcome = await reviewPod(engine, podWith([REQUEST], own === undefined ? {} : { [KEY]: own }));
  const [, dir] = outcome.explain().env;
  return { dir: dir?.value, codes: outcome.issues.map(({ code }): string => code), patch: outcome.patch };
}

describe("FLYTE_SECRETS_DEFAULT_DIR", () => {
  test("is Flyte's folder where nobody says otherwise", async () => {
    expect(await review(undefined, undefined)).toMatchObject({ dir: "/etc/flyte/secrets", codes: [] });
  });

  test("follows the configuration", async () => {
    const { dir, codes, patch } = await review("/opt/secret", undefined);
    expect([dir, codes]).toEqual(["/opt/secret", []]);
    expect(patch).toContain('"name":"FLYTE_SECRETS_DEFAULT_DIR","value":"/opt/secret"');
  });

  test("does not follow the pod, which is told", async () => {
    expect(await review(undefined, "/opt/secret")).toMatchObject({
      dir: "/etc/flyte/secrets",
      codes: ["pod.folder"],
    });
    expect(await review("/opt/secret", "/etc/flyte/secrets")).toMatchObject({
      dir: "/opt/secret",
      codes: ["pod.folder"],
    });
  });

  test.each(["/etc/flyte/secrets", "/etc/flyte/secrets/"])(
    "a pod that says %s itself is fine",
    async (own) => {
      expect((await review(undefined, own)).codes).toEqual([]);
    },
  );

  test.each(["/", "/etc", "/usr/bin/", "/var/run/secrets/kubernetes.io/serviceaccount"])(
    "a configuration that mounts secrets over %s is an error",
    async (folder) => expect((await review(folder, undefined)).codes).toContain("pod.folder-system"),
  );
});

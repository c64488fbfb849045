import { describe, expect, test } from "bun:test";
import type { SecretRequest } from "../../../src/core/secret/request.ts";
import { SECRET_ENGINES } from "../../../src/core/vault/secret-engines.ts";
import { createTestEngine, DEFAULT_SETTINGS, podWith, reviewPod, secret } from "../../fixtures/engine.ts";

async function codesFor(requests: readonly Partial<SecretRequest>[], kvVersion: 1 | 2 = 2) {
  const { vaultSecretManager } = DEFAULT_SETTINGS.webhook;
  const settings = {
    ...DEFAULT_SETTINGS,
    webhook: { vaultSecretManager: { ...vaultSecretManager, kvVersion } },
  };
  const outcome = await reviewPod(await createTestEngine(settings), podWith(requests.map(secret)));
  return outcome.issues.filter(({ code }) => code.startsWith("secret.")).map(({ code }) => code);
}

const kv2 = { group: "secret/data/a", key: "k" };

describe("adviseSecretEngine", () => {
  test.each(Object.keys(SECRET_ENGINES))("says nothing of %s by its name", async (group_version) => {
    const group = group_version === "kv2" ? "secret/data/a" : "secret/a";
    expect(await codesFor([{ group, key: "k", group_version }])).not.toContain("secret.engine-unknown");
  });

  test.each(["3", "v2", "database", "KV2", "kv-2", "1", "constructor", "toString"])(
    "names the group_version %j, and serves the request by the platform's default",
    async (group_version) => {
      expect(await codesFor([{ ...kv2, group_version }])).toContain("secret.engine-unknown");
      expect(await codesFor([{ group: "kv/a", key: "k", group_version }], 1)).toContain(
        "secret.engine-unknown",
      );
    },
  );

  test.each([
    ["a path of version 2", "secret/data/a", ["secret.kv1-data"]],
    ["a folder named data deeper down", "secret/team/data/a", []],
    ["a path that ends in data", "secret/data", []],
    ["a path of version 1", "secret/a", []],
  ] as const)("kv1 with %s", async (_, group, expected) => {
    expect(await codesFor([{ group, key: "k", group_version: "kv1" }])).toEqual(
      expect.arrayContaining([...expected]),
    );
    const found = await codesFor([{ group, key: "k" }], 1);
    expect(found.filter((code) => code === "secret.kv1-data")).toEqual([...expected]);
  });

  test.each(["v1/secret/data/a", "v1/database/creds/a"])("%s has the API's prefix", async (group) => {
    const group_version = group.includes("creds") ? "db" : "kv2";
    expect(await codesFor([{ group, key: "k", group_version }])).toContain("secret.api-path");
  });

  test("v1 as a mount's name in another place is fine", async () => {
    expect(await codesFor([{ group: "kv-v1/data/v1/a", key: "k" }])).toEqual([]);
  });
});

describe("findSharedCredentials", () => {
  const creds = { group: "database/creds/app", group_version: "db" };

  test("names the second key of one credential", async () => {
    const codes = await codesFor([
      { ...creds, key: "username" },
      { ...creds, key: "password" },
    ]);
    expect(codes.filter((code) => code === "secret.database-keys")).toHaveLength(1);
  });

  test.each([
    ["one key", [{ ...creds, key: "username" }]],
    [
      "the same key twice",
      [
        { ...creds, key: "username" },
        { ...creds, key: "username" },
      ],
    ],
    [
      "two credentials",
      [
        { ...creds, key: "a" },
        { ...creds, group: "database/creds/other", key: "b" },
      ],
    ],
    [
      "two keys of kv2",
      [
        { ...kv2, key: "a" },
        { ...kv2, key: "b" },
      ],
    ],
  ])("says nothing of %s", async (_, requests) => {
    expect(await codesFor(requests)).not.toContain("secret.database-keys");
  });
});

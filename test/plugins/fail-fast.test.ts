import { expect, test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import failFast from "../../plugins/fail-fast.ts";
import { fileIds } from "./ids.ts";

const VAULT = "vault.hashicorp.com/";
const secrets = [
  { group: "secret/data/a", key: "k", group_version: "kv2" },
  { group: "database/creds/b", key: "k", group_version: "db" },
];
const fixed = {
  [`${VAULT}agent-auto-auth-exit-on-err`]: "true",
  [`${VAULT}template-config-exit-on-retry-failure`]: "true",
};

test("fail-fast", async () => {
  const ids = await fileIds(secrets);
  expect(ids).toHaveLength(2);
  const keys = Object.fromEntries(ids.map((id) => [`${VAULT}error-on-missing-key-${id}`, "true"]));
  await testPlugin(failFast, {
    valid: [
      { name: "by itself", secrets, expect: { annotations: { ...fixed, ...keys } } },
      {
        name: "keys alone",
        with: { login: false, templates: false },
        secrets,
        expect: { annotations: keys },
      },
      {
        name: "client",
        with: { login: false, templates: false, missingKeys: false, clientTimeout: "10s", clientRetries: 0 },
        secrets,
        expect: { annotations: { [`${VAULT}client-timeout`]: "10s", [`${VAULT}client-max-retries`]: "0" } },
      },
    ],
    invalid: [
      { name: "a text", with: { login: "yes" }, message: "login: true or false" },
      {
        name: "no duration",
        with: { clientTimeout: "soon" },
        message: 'expected seconds or a duration such as "60s"',
      },
      { name: "an empty duration", with: { clientTimeout: "" }, message: "a duration such as 10s" },
      { name: "fewer than none", with: { clientRetries: -1 }, message: "0 or more" },
      { name: "a typo", with: { missingKey: true }, message: "missingKey" },
    ],
  });
});

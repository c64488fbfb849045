import { expect, test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import requestDefaults from "../../plugins/request-defaults.ts";
import type { PolicySettings } from "../../src/core/settings.ts";
import { previewDocuments } from "../../src/preview/answer.ts";
import { renderTable } from "../../src/preview/output/table.ts";
import { podWith, reviewPod, secret } from "../fixtures/engine.ts";
import { cleanUp, withPlugins } from "../host/plugins.ts";
import { readGood } from "../preview/fixtures.ts";

cleanUp();

const s0 = "flyte.secrets/s0";
const group = "secret/data/{project}/{domain}";
const who = { project: "flytesnacks", domain: "development" };
const keyAlone = { secrets: [{ key: "api-key" }] };

test("request-defaults: group", () =>
  testPlugin(requestDefaults, {
    valid: [
      {
        name: "project and domain",
        with: { group },
        ...who,
        ...keyAlone,
        expect: { requests: { [s0]: { group: "secret/data/flytesnacks/development" } } },
      },
      {
        name: "namespace and service account",
        with: { group: "kv/{namespace}/{serviceAccount}" },
        namespace: "ns",
        serviceAccount: "trainer",
        ...keyAlone,
        expect: { requests: { [s0]: { group: "kv/ns/trainer" } } },
      },
      {
        name: "labels, also with a domain, and within a part",
        with: { group: "kv/team-{labels.team}/{labels.acme.io/app}" },
        labels: { team: "fraud", "acme.io/app": "score_1.2" },
        ...keyAlone,
        expect: { requests: { [s0]: { group: "kv/team-fraud/score_1.2" } } },
      },
      {
        name: "a group stays",
        with: { group },
        ...who,
        secrets: [{ group: "secret/data/own", key: "k" }, { group: "short", key: "k" }, { key: "k" }],
        expect: { requests: { "flyte.secrets/s2": { group: "secret/data/flytesnacks/development" } } },
      },
      {
        name: "a short group",
        with: { shortGroup: `${group}/{group}` },
        ...who,
        secrets: [
          { group: "db", key: "k" },
          { group: "a/b", key: "k" },
        ],
        expect: { requests: { [s0]: { group: "secret/data/flytesnacks/development/db" } } },
      },
      {
        name: "no group and no pattern for it",
        with: { shortGroup: "kv/{group}" },
        ...keyAlone,
        expect: { denied: "group" },
      },
      ...[undefined, "", "a/b", "..", "a..b", "{domain}", "*", "a b", "-a", "é"].map((team) => ({
        name: `a label ${team}`,
        with: { group: "kv/{labels.team}" },
        labels: team === undefined ? {} : { team },
        secrets: [{ key: "api-key" }],
        expect: { issues: ["placeholder"], denied: "Cannot make the Vault path" },
      })),
      ...["..", "{project}", "a b", "*"].map((asked) => ({
        name: `a short group ${asked}`,
        with: { shortGroup: "kv/x-{group}" },
        secrets: [{ group: asked, key: "k" }],
        expect: { issues: ["placeholder"], denied: "Cannot make the Vault path" },
      })),
    ],
    invalid: [
      { name: "nothing", with: {}, message: "at least one of them" },
      { name: "an unknown place", with: { group: "kv/{team}" }, message: "in braces there can be namespace" },
      { name: "a member of every object", with: { group: "kv/{constructor}" }, message: "in braces" },
      { name: "a label that cannot be", with: { group: "kv/{labels.a b}" }, message: "in braces" },
      { name: "no label", with: { group: "kv/{labels.}" }, message: "in braces" },
      { name: "{group} for requests without one", with: { group: "kv/{group}" }, message: "in braces" },
      { name: "no {group}", with: { shortGroup: "kv/{project}" }, message: "a path with {group} in it" },
      { name: "an open brace", with: { group: "kv/{project" }, message: "a Vault path such as" },
      { name: "braces in braces", with: { group: "kv/{{project}}" }, message: "a Vault path such as" },
      ...["/kv", "kv/", "kv//x", "kv/../x", "kv/*", "kv?version=3", ""].map((path) => ({
        name: `the path ${path}`,
        with: { group: path },
        message: "a Vault path such as",
      })),
    ],
  }));

test("request-defaults: group_version and key", () =>
  testPlugin(requestDefaults, {
    valid: [
      {
        name: "by the resulting path, the first rule wins",
        with: {
          group,
          groupVersions: [
            { paths: ["database/creds/*"], use: "db" },
            { paths: ["secret/*"], use: "kv2" },
            { paths: ["*"], use: "kv1" },
          ],
        },
        ...who,
        secrets: [
          { key: "k" },
          { group: "database/creds/ro", key: "k" },
          { group: "kv/x", key: "k" },
          { group: "secret/x", key: "k", group_version: "kv1" },
        ],
        expect: {
          requests: {
            [s0]: { group: "secret/data/flytesnacks/development", group_version: "kv2" },
            "flyte.secrets/s1": { group_version: "db" },
            "flyte.secrets/s2": { group_version: "kv1" },
          },
        },
      },
      {
        name: "no rule matches",
        with: { groupVersions: [{ paths: ["x"], use: "db" }] },
        secrets: [{ group: "secret/data/x", key: "k" }],
        expect: {},
      },
      {
        name: "case of keys",
        with: {
          keyCases: [
            { paths: ["kv/as-is"], use: "keep" },
            { paths: ["kv/env"], use: "upper" },
            { paths: ["*"], use: "lower" },
          ],
        },
        secrets: ["kv/as-is", "kv/env", "kv/x"].map((path) => ({
          group: path,
          key: "Api_Key",
          group_version: "kv1",
        })),
        expect: {
          requests: { "flyte.secrets/s1": { key: "API_KEY" }, "flyte.secrets/s2": { key: "api_key" } },
        },
      },
    ],
    invalid: [
      { name: "no rule", with: { groupVersions: [] }, message: "at least one rule" },
      { name: "no path", with: { keyCases: [{ paths: [], use: "lower" }] }, message: "not empty" },
      {
        name: "an unknown engine",
        with: { groupVersions: [{ paths: ["*"], use: "kv3" }] },
        message: "kv1, kv2 or db",
      },
      {
        name: "an unknown case",
        with: { keyCases: [{ paths: ["*"], use: "snake" }] },
        message: "lower, upper or keep",
      },
      { name: "a typo", with: { keyCase: "lower" }, message: "keyCase" },
    ],
  }));

test("request-defaults: the file has the resulting path where the task names no group, and the task's name elsewhere", async () => {
  const engine = await withPlugins([
    {
      use: "request-defaults",
      with: { group, shortGroup: `${group}/{group}`, keyCases: [{ paths: ["*"], use: "lower" }] },
    },
  ]);
  const pod = podWith([
    secret({ group: "", key: "api-key", group_version: "kv2" }),
    secret({ group: "db", key: "PASSWORD", group_version: "kv2" }),
  ]);
  const outcome = await reviewPod(engine, pod);
  expect(outcome.status).toBeUndefined();
  const files = outcome.explain().requests.flatMap(({ files: own }) => own.map(({ path }) => path));
  expect(files).toEqual(["secret/data/flytesnacks/development/api-key", "db/PASSWORD"]);
});

const resulting = "secret/data/flytesnacks/development";

test.each<readonly [PolicySettings["fileNames"], readonly string[], boolean]>([
  ["flyte", [`${resulting}/Api-Key`], true],
  ["flytekit", [`${resulting}/Api-Key`, "api-key"], false],
  ["flyte-sdk", [`${resulting}/Api-Key`, "api-key"], true],
  [["flytekit", "flyte-sdk"], [`${resulting}/Api-Key`, "api-key"], false],
])(
  "request-defaults: clients look for a file without a group by its key: fileNames %p",
  async (fileNames, files, isWarned) => {
    const engine = await withPlugins([{ use: "request-defaults", with: { group } }], {
      policy: { fileNames },
    });
    const asked = secret({ group: "", key: "Api-Key", mount_requirement: 2, ...version(fileNames) });
    const outcome = await reviewPod(engine, podWith([asked]));
    expect(outcome.status).toBeUndefined();
    expect(outcome.explain().requests[0]?.files.map(({ path }) => path)).toEqual([...files]);
    expect(outcome.issues.some(({ code }) => code === "secret.file-name-group")).toBe(isWarned);
  },
);

/** flytekit and the v2 SDK look for one path unless the request has a group_version. */
const version = (fileNames: unknown) => (fileNames === "flyte-sdk" ? { group_version: "kv2" } : {});

test("request-defaults: a variable without a group has the name that flytekit looks for, and Flyte's with the resulting group", async () => {
  const envVars = { mode: "file-key-ref", nodes: "all-1.35-or-newer" } as const;
  const engine = await withPlugins([{ use: "request-defaults", with: { group } }], { policy: { envVars } });
  const asked = secret({ group: "", key: "api-key", mount_requirement: 1, env_var: "API_KEY" });
  const outcome = await reviewPod(engine, podWith([asked]));
  expect(outcome.status).toBeUndefined();
  expect(outcome.explain().env.map(({ name }) => name)).toEqual([
    "FLYTE_SECRETS_FILE_PREFIX",
    "FLYTE_SECRETS_DEFAULT_DIR",
    "_FSEC_SECRET/DATA/FLYTESNACKS/DEVELOPMENT_API-KEY",
    "_FSEC_API-KEY",
    "API_KEY",
    "FLYTE_SECRETS_ENV_PREFIX",
  ]);
});

test("request-defaults: when chooses the pods of an entry, and a later entry sees what an earlier one filled in", async () => {
  const engine = await withPlugins([
    { use: "request-defaults", when: { domains: ["production"] }, with: { group: "secret/data/prod" } },
    {
      use: "request-defaults",
      with: { group: "secret/data/rest", groupVersions: [{ paths: ["*"], use: "kv2" }] },
    },
  ]);
  const outcome = await reviewPod(engine, podWith([secret({ group: "", key: "api-key" })]));
  expect(outcome.status).toBeUndefined();
  expect(outcome.explain().requests[0]?.files[0]?.path).toBe("secret/data/rest/api-key");
});

test("request-defaults: a preview names each changed field and who changed it", async () => {
  const engine = await withPlugins([
    { use: "request-defaults", with: { group } },
    {
      use: "request-defaults",
      with: { groupVersions: [{ paths: ["*"], use: "kv2" }], keyCases: [{ paths: ["*"], use: "upper" }] },
    },
  ]);
  const pod = podWith([secret({ group: "", key: "api-key" })]);
  const review = (request: Parameters<typeof engine.review>[0]) => engine.review(request);
  const answer = await previewDocuments(readGood([pod]), { review, configHash: "" });
  const by = (entry: number) => ({ kind: "plugin" as const, name: "request-defaults", entry });
  expect(answer.results[0]?.requests[0]?.changes).toEqual([
    { field: "group", from: "", value: "secret/data/flytesnacks/development", source: by(0) },
    { field: "group_version", from: "", value: "kv2", source: by(1) },
    { field: "key", from: "api-key", value: "API-KEY", source: by(1) },
  ]);
  expect(renderTable(answer)).toContain(
    '  flyte.secrets/s0 group_version  "kv2" (was "")                                  plugin request-defaults',
  );
});

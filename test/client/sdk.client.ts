/**
 * From `flyte.Secret(…)` (v2) and `flytekit.Secret(…)` (v1) to what the task reads: the request that the SDK itself sends, this
 * webhook, the agent's engine, the kubelet's parser, and the task.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeRequest } from "../../src/core/secret/codec.ts";
import { mountRequirementName } from "../../src/core/secret/request.ts";
import { toSdkMount } from "../../src/core/secret/sdk.ts";
import { webPorts } from "../../src/host/ports.ts";
import { buildKubelet, type Kubelet } from "../cluster/fixture/kubelet.ts";
import { applyOutcome, podWith, reviewPod } from "../fixtures/engine.ts";
import { cleanUp, withPlugins } from "../host/plugins.ts";
import { type InjectedPod, renderPod, startContainer } from "./agent.ts";
import { findSdk, readAsTask, requestOfSdk } from "./flyte-sdk.ts";
import { askFlytekit, findFlytekit, requestOfFlytekit } from "./flytekit.ts";
import { type Sent, toAnnotation } from "./sent.ts";

cleanUp();

const VALUE = 'it is # $(the) "value"';
const TEAM = "secret/data/team";
const DEFAULT = "secret/data/flytesnacks/development";
const SECRETS = {
  [TEAM]: { "api-key": VALUE, "Api-Key": VALUE, "tls.crt": VALUE },
  [DEFAULT]: { "api-key": VALUE, "Api-Key": VALUE },
};
const DEFAULTS = { use: "request-defaults", with: { group: "secret/data/{project}/{domain}" } };
const POLICY = { envVars: { mode: "file-key-ref", nodes: "all-1.35-or-newer" } };
const FILES = "/etc/flyte/secrets";

let root: string;
let kubelet: Kubelet;

beforeAll(async () => {
  await Promise.all([findFlytekit(), findSdk()]);
  kubelet = await buildKubelet();
  root = await mkdtemp(join(tmpdir(), "sdk-"));
}, 600_000);

afterAll(async () => {
  await kubelet?.remove();
  if (root) await rm(root, { recursive: true, force: true });
});

/** What the webhook reads of a request. */
function decode(sent: Sent | undefined) {
  const request = decodeRequest(toAnnotation(sent), "flyte.secrets/s0", webPorts.decodeUtf8);
  if ("code" in request) throw new Error(request.message);
  const { mount_requirement, ...names } = request;
  return { ...names, mount: mountRequirementName(mount_requirement) };
}

/** Starts the container of a task whose only request is the given one. */
async function start(sent: Sent | undefined, policy: object = {}) {
  const engine = await withPlugins([DEFAULTS], { policy: { ...POLICY, ...policy } });
  const pod: InjectedPod & object = podWith([], { "flyte.secrets/s0": toAnnotation(sent) });
  const outcome = await reviewPod(engine, pod);
  expect(outcome.status).toBeUndefined();
  const injected = applyOutcome(pod, outcome);
  const folder = await mkdtemp(join(root, "container-"));
  await renderPod(injected, SECRETS, folder);
  const codes = outcome.issues.map(({ code }) => code);
  return { folder, codes, env: await startContainer(injected, folder, kubelet) };
}

describe("v2: the request that the SDK sends, as the webhook reads it", () => {
  const none = { group: "", group_version: "", env_var: "" };
  test.each<readonly [object | string, object]>([
    ["api-key", { ...none, key: "api-key", mount: "ENV_VAR", env_var: "API_KEY" }],
    [{ key: "api-key" }, { ...none, key: "api-key", mount: "ENV_VAR", env_var: "API_KEY" }],
    [
      { key: "api-key", group: "team" },
      { ...none, group: "team", key: "api-key", mount: "ENV_VAR", env_var: "TEAM_API_KEY" },
    ],
    [
      { key: "tls.crt", group: TEAM, as_env_var: "CRT" },
      { ...none, group: TEAM, key: "tls.crt", mount: "ENV_VAR", env_var: "CRT" },
    ],
    [
      { key: "k", mount: FILES },
      { ...none, key: "k", mount: "FILE" },
    ],
    [
      { key: "k", mount: FILES, as_env_var: "X" },
      { ...none, key: "k", mount: "ENV_VAR", env_var: "X" },
    ],
  ])("%j", async (fields, expected) => {
    const [sent] = await requestOfSdk([fields]);
    expect(decode(sent)).toEqual(expected as ReturnType<typeof decode>);
  });

  test("a Vault path as group without as_env_var and mount, another mount, and a bad name are refused by the SDK", async () => {
    const sent = await requestOfSdk([
      { key: "api-key", group: TEAM },
      { key: "k", mount: "/etc/other" },
      { key: "tls.crt" },
      { key: "k", as_env_var: "lower" },
    ]);
    expect(sent.map((one) => "error" in one)).toEqual([true, true, true, true]);
  });

  test("the plain form and secrets encode write what the SDK sends", async () => {
    const groups = ["", "team", "my-team", TEAM];
    const keys = ["api-key", "API_KEY", "tls.crt", "9key"];
    const asked = groups.flatMap((group) =>
      keys.flatMap((key) =>
        ["", "X"].flatMap((variable) =>
          [false, true].map((hasMount) => ({ group, key, variable, hasMount })),
        ),
      ),
    );
    const sent = await requestOfSdk(
      asked.map(({ group, key, variable, hasMount }) => ({
        key,
        ...(group !== "" && { group }),
        ...(variable !== "" && { as_env_var: variable }),
        ...(hasMount && { mount: FILES }),
      })),
    );
    let compared = 0;
    for (const [at, { group, key, variable, hasMount }] of asked.entries()) {
      const one = sent[at];
      if (!one || "error" in one) continue;
      const { mount_requirement, env_var } = toSdkMount({ group, key }, variable, hasMount);
      const { mount, env_var: own } = decode(one);
      expect([at, mountRequirementName(mount_requirement), env_var]).toEqual([at, mount, own]);
      compared++;
    }
    expect(compared).toBeGreaterThan(40);
  });
});

describe("v2: what the task reads", () => {
  test('flyte.Secret("api-key"): os.environ', async () => {
    const [sent] = await requestOfSdk([{ key: "api-key" }]);
    const { env } = await start(sent);
    expect(await readAsTask(env, ["API_KEY"], [])).toEqual({ API_KEY: VALUE });
  });

  test("a Vault path as group, and as_env_var", async () => {
    const [sent] = await requestOfSdk([{ key: "tls.crt", group: TEAM, as_env_var: "CRT" }]);
    const { env } = await start(sent);
    expect(await readAsTask(env, ["CRT", "_FSEC_SECRET/DATA/TEAM_TLS.CRT"], [])).toEqual({
      ...{ CRT: VALUE, "_FSEC_SECRET/DATA/TEAM_TLS.CRT": VALUE },
    });
  });

  test.each<readonly [string, object, string, string, string | null]>([
    // The examples of the SDK open {mount}/{key} without a group, and {mount}/{group}/{key in lower case} with one.
    ["a group", { key: "api-key", group: TEAM }, "flyte", `${TEAM}/api-key`, VALUE],
    ["a group, capitals", { key: "Api-Key", group: TEAM }, "flyte", `${TEAM}/api-key`, null],
    ["a group, capitals", { key: "Api-Key", group: TEAM }, "flyte-sdk", `${TEAM}/api-key`, VALUE],
    ["no group", { key: "api-key" }, "flyte", "api-key", null],
    ["no group", { key: "api-key" }, "flyte-sdk", "api-key", VALUE],
    ["no group", { key: "api-key" }, "flytekit", "api-key", VALUE],
    ["no group, by the resulting path", { key: "api-key" }, "flyte", `${DEFAULT}/api-key`, VALUE],
  ])("mount, %s: %j under fileNames %s, %s", async (_, fields, fileNames, file, expected) => {
    const [sent] = await requestOfSdk([{ ...fields, mount: FILES }]);
    const { folder, codes, env } = await start(sent, { fileNames });
    const path = join(folder, FILES, file);
    expect(await readAsTask(env, [], [path])).toEqual({ [path]: expected });
    // What is not there is told at admission.
    if (expected === null) expect(codes.some((code) => code.startsWith("secret.file-name-"))).toBe(true);
  });
});

describe("v1: what the task reads", () => {
  test.each<readonly [string, object, readonly object[]]>([
    [
      "a variable",
      { group: TEAM, key: "api-key", mount_requirement: "ENV_VAR" },
      [{ group: TEAM, key: "api-key" }],
    ],
    [
      "a variable with a group_version, asked without it and with it",
      { group: TEAM, key: "api-key", group_version: "kv2", mount_requirement: "ENV_VAR" },
      [
        { group: TEAM, key: "api-key" },
        { group: TEAM, key: "api-key", group_version: "kv2" },
      ],
    ],
    [
      "a variable without a group",
      { group: "", key: "api-key", mount_requirement: "ENV_VAR" },
      [{ key: "api-key" }, { group: DEFAULT, key: "api-key" }],
    ],
    ["a file", { group: TEAM, key: "api-key", mount_requirement: "FILE" }, [{ group: TEAM, key: "api-key" }]],
    ["ANY", { group: TEAM, key: "tls.crt" }, [{ group: TEAM, key: "tls.crt" }]],
  ])("%s", async (_, fields, asks) => {
    const [sent] = await requestOfFlytekit([fields]);
    const { env } = await start(sent);
    const given = await askFlytekit(env, asks as Parameters<typeof askFlytekit>[1]);
    expect(given).toEqual(asks.map(() => ({ found: VALUE })));
  });

  test("a file without a group, where fileNames names flytekit", async () => {
    const [sent] = await requestOfFlytekit([{ group: "", key: "Api-Key", mount_requirement: "FILE" }]);
    const { env } = await start(sent, { fileNames: "flytekit" });
    expect(await askFlytekit(env, [{ key: "Api-Key" }])).toEqual([{ found: VALUE }]);
  });

  test("env_var: the secret beside ENV_VAR, the path beside FILE", async () => {
    const names = { group: TEAM, key: "api-key", env_var: "OWN" };
    const [variable, file] = await requestOfFlytekit([
      { ...names, mount_requirement: "ENV_VAR" },
      { ...names, mount_requirement: "FILE" },
    ]);
    expect((await start(variable)).env.OWN).toBe(VALUE);
    const { env } = await start(file);
    const path = env.OWN ?? "";
    expect(path).toEndWith(`${FILES}/${TEAM}/api-key`);
    expect(await readAsTask(env, [], [path])).toEqual({ [path]: VALUE });
  });
});

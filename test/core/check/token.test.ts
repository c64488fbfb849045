/** The token with which the agent logs in. */
import { describe, expect, test } from "bun:test";
import { checkPhase, checkToken } from "../../../src/core/check/token.ts";
import { Findings } from "../../../src/core/issue/findings.ts";
import { codesOf, runRule, type Short } from "./rule.ts";

const API_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const mount = (mountPath: string, name = "v") => ({ name: "main", volumeMounts: [{ name, mountPath }] });
const volume = (token: object | undefined, name = "v") => ({
  name,
  projected: { sources: [{ configMap: {} }, ...(token ? [{ serviceAccountToken: token }] : [])] },
});

describe("checkToken, without a volume's name", () => {
  const AWS = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
  const GIVEN = "/var/run/secrets/tokens/serviceaccount";
  test.each<[string, object, Short, string | undefined]>([
    ["the API server's mount", { containers: [mount(API_PATH)] }, {}, undefined],
    ["a mount below it", { containers: [mount(`${API_PATH}/x`)] }, {}, undefined],
    ["AWS's token", { containers: [mount(AWS)] }, {}, "its token is for AWS"],
    ["a volume that is not there yet", { containers: [mount(GIVEN)] }, {}, undefined],
    ["a Secret", { containers: [mount(GIVEN)], volumes: [{ name: "v", secret: {} }] }, {}, undefined],
    [
      "a volume without a token",
      { containers: [mount(GIVEN)], volumes: [volume(undefined)] },
      {},
      "its volume has no service account token",
    ],
    [
      "a token of another name",
      { containers: [mount(GIVEN)], volumes: [volume({ path: "vault" })] },
      {},
      "the agent reads the file token, but the token is in vault",
    ],
    [
      "a token for others",
      { containers: [mount(GIVEN)], volumes: [volume({ path: "token", audience: "sts.amazonaws.com" })] },
      {},
      "its token is for sts.amazonaws.com",
    ],
    [
      "a token for Vault",
      { containers: [mount(GIVEN)], volumes: [volume({ path: "token", audience: "Vault" })] },
      {},
      undefined,
    ],
    [
      "a token for Kubernetes",
      {
        containers: [mount(GIVEN)],
        volumes: [volume({ path: "token", audience: "https://kubernetes.default.svc" })],
      },
      {},
      undefined,
    ],
    ["another method", { containers: [mount(AWS)] }, { "auth-type": "aws" }, undefined],
    [
      "the method kubernetes, named",
      { containers: [mount(AWS)] },
      { "auth-type": "kubernetes" },
      "its token is for AWS",
    ],
    ["another path", { containers: [mount(AWS)] }, { "auth-config-token-path": "/t" }, undefined],
    [
      "another path, as the injector writes it",
      { containers: [mount(AWS)] },
      { "auth-config-token_path": "/t" },
      undefined,
    ],
    ["the first of several", { containers: [mount(API_PATH), mount(AWS)] }, {}, undefined],
    [
      "the first that fits",
      { containers: [mount("/data"), mount(AWS), mount(API_PATH)] },
      {},
      "its token is for AWS",
    ],
  ])("%s", (_, spec, annotations, why) => {
    const issues = runRule(checkToken, annotations, { pod: { spec } });
    expect(issues.map(({ code }): string => code)).toEqual(why === undefined ? [] : ["pod.token-foreign"]);
    if (why !== undefined) expect(issues[0]?.message).toEndWith(why);
  });

  const OFF = { automountServiceAccountToken: false };
  const [MISSING, UNKNOWN] = ["pod.service-account-token-missing", "pod.token-unknown"];
  const [ACCOUNT, MOUNT] = ["/spec/serviceAccountName", "/spec/automountServiceAccountToken"];
  test.each<[object, boolean, readonly (readonly [code: string, path: string])[]]>([
    [{ serviceAccountName: "a" }, false, [[MISSING, ACCOUNT]]],
    [{ serviceAccountName: "a" }, true, [[UNKNOWN, ACCOUNT]]],
    [{}, false, []],
    [{}, true, []],
    [OFF, false, [[MISSING, MOUNT]]],
    [OFF, true, [[MISSING, MOUNT]]],
    [{ ...OFF, serviceAccountName: "a" }, true, [[MISSING, MOUNT]]],
    [{ automountServiceAccountToken: true, serviceAccountName: "a" }, true, [[UNKNOWN, ACCOUNT]]],
  ])("no mount: %j (preview: %p)", (spec, isPreview, expected) => {
    const issues = runRule(checkToken, {}, { pod: { spec }, isPreview });
    expect(issues.map(({ code, path = "" }): readonly [string, string] => [code, path])).toEqual([
      ...expected,
    ]);
  });
});

describe("checkToken, with a volume's name", () => {
  const named = { "agent-service-account-token-volume-name": "v" };
  test.each([
    ["a projected token", [volume({ path: "token" })], undefined],
    ["a token under any name", [volume({ path: "vault" })], undefined],
    ["no volume", [], "pod.token-volume-missing"],
    ["other volumes", [volume({ path: "token" }, "w")], "pod.token-volume-missing"],
    ["no token", [volume(undefined)], "pod.token-volume-not-projected"],
    ["a token without a path", [volume({})], "pod.token-volume-not-projected"],
    ["no projection", [{ name: "v", secret: {} }], "pod.token-volume-not-projected"],
  ])("%s", (_, volumes, code) => {
    expect(codesOf(checkToken, named, { pod: { spec: { volumes } } })).toEqual(code ? [code] : []);
  });
});

test.each([
  [undefined, false],
  [{}, false],
  [{ phase: "" }, false],
  [{ phase: "Pending" }, false],
  [{ phase: "Running" }, true],
  [{ phase: "Succeeded" }, true],
  [{ phase: 5 }, false],
])("checkPhase: %j is reported: %p", (status, isReported) => {
  const found = new Findings();
  checkPhase({ pod: { status }, namespace: "team" }, found);
  expect(found.list().map(({ code }): string => code)).toEqual(isReported ? ["pod.started"] : []);
});

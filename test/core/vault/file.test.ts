import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { SecretRequest } from "../../../src/core/secret/request.ts";
import type { PolicySettings } from "../../../src/core/settings.ts";
import { nameFiles, toAsked, toNaming, toStableId, writesFor } from "../../../src/core/vault/file.ts";
import { webPorts } from "../../../src/host/ports.ts";

const NAMESPACE = "6f9b2d2e5c0a5f1e9c770f1e7a5ec2e7";

/** RFC 9562, section 5.5, written down once more. */
function uuid5(name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(NAMESPACE, "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

describe("toStableId is the UUID of version 5", () => {
  test.each([
    "",
    "kv2\0secret/data/team\0token\0team/token",
    "\x7f",
    "\x80",
    "é",
    "密钥",
    "😀",
    "plain, then é",
  ])("of %j", (name) => {
    expect(toStableId(name, webPorts)).toBe(uuid5(name));
  });
});

const request = (changes: Partial<SecretRequest> = {}): SecretRequest => ({
  ...{ group: "g", group_version: "", key: "k", mount_requirement: 0, env_var: "" },
  ...changes,
});

describe("nameFiles", () => {
  type Row = [Partial<SecretRequest>, PolicySettings["fileNames"], readonly string[]];
  test.each<Row>([
    [{}, "flyte", ["g/k flyte+flytekit"]],
    [{ key: "K" }, "flyte", ["g/K flyte"]],
    [{ key: "K" }, "flytekit", ["g/K flyte", "g/k flytekit"]],
    [{ key: "K" }, ["flytekit"], ["g/K flyte", "g/k flytekit"]],
    [{ group: "G" }, "flytekit", ["G/k flyte", "g/k flytekit"]],
    [{ group_version: "v" }, "flyte", ["g/k flyte"]],
    [{ group_version: "v" }, "flytekit", ["g/k flyte", "g/v/k flytekit"]],
    [{}, "flytekit", ["g/k flyte+flytekit"]],
    [{}, "flyte-sdk", ["g/k flyte+flytekit+flyte-sdk"]],
    [{ key: "K" }, "flyte-sdk", ["g/K flyte", "g/k flyte-sdk"]],
    [{ key: "K" }, ["flytekit", "flyte-sdk"], ["g/K flyte", "g/k flytekit+flyte-sdk"]],
    [{ group: "G", key: "K" }, ["flytekit", "flyte-sdk"], ["G/K flyte", "g/k flytekit", "G/k flyte-sdk"]],
  ])("%j with fileNames %j: %j", (changes, fileNames, expected) => {
    const files = nameFiles(request(changes), { fileNames, envVars: "refuse" });
    expect(files.map(({ path, for: readers }) => `${path} ${readers.join("+")}`)).toEqual([...expected]);
  });

  test("where the task gave no group, the SDK looks in the folder itself", () => {
    const naming = request({ group: "filled" });
    const asked = toAsked(request({ group: "" }), naming);
    const files = nameFiles(naming, { fileNames: "flyte-sdk", envVars: "refuse" }, asked);
    expect(files.map(({ path, for: readers }) => `${path} ${readers.join("+")}`)).toEqual([
      "filled/k flyte",
      "k flyte-sdk",
    ]);
  });
});

test.each([
  ["flyte", "flytekit", true],
  ["flytekit", "flytekit", true],
  ["flytekit", "flyte", false],
  ["flytekit", ["flyte-sdk"], false],
  ["flytekit", ["flyte-sdk", "flytekit"], true],
  ["flyte-sdk", "flyte-sdk", true],
] as const)("writesFor %s under %j: %p", (client, policy, expected) => {
  expect(writesFor(client, policy)).toBe(expected);
});

test.each<[Partial<SecretRequest>, Partial<SecretRequest>, Partial<SecretRequest>]>([
  [{}, { group: "moved", key: "other" }, {}],
  [{ group: "" }, { group: "filled", key: "other" }, { group: "filled" }],
  [{ key: "" }, { group: "moved", key: "filled" }, { key: "filled" }],
  [
    { group: "", key: "" },
    { group: "a", key: "b" },
    { group: "a", key: "b" },
  ],
])("toNaming: %j, changed to %j, names %j", (original, changed, expected) => {
  expect(toNaming(request(original), request(changed))).toEqual(request(expected));
});

test("toAsked keeps the request where its group is the task's own", () => {
  const naming = request();
  expect(toAsked(request(), naming)).toBe(naming);
  expect(toAsked(request({ group: "" }), naming)).toEqual(request({ group: "" }));
});

import { describe, expect, test } from "bun:test";
import type { SecretRequest } from "../../src/core/secret/request.ts";
import type { PolicySettings } from "../../src/core/settings.ts";
import { nameFiles, toFlytekitPath, toFlytePath, toSdkPath } from "../../src/core/vault/file.ts";
import { createTestEngine, DEFAULT_SETTINGS, podWith, reviewPod, secret } from "../fixtures/engine.ts";

type FileNames = PolicySettings["fileNames"];

const POLICIES: readonly FileNames[] = [
  "flyte",
  "flytekit",
  "flyte-sdk",
  ["flyte"],
  ["flytekit"],
  ["flyte-sdk", "flyte"],
  ["flytekit", "flyte-sdk"],
  ["flyte", "flytekit", "flyte-sdk"],
];
const NAMES = [
  { group: "team", key: "key" },
  { group: "Team", key: "key" },
  { group: "team", key: "Key" },
  { group: "Team", key: "Key" },
  { group: "team", key: "key", group_version: "kv2" },
  { group: "Team", key: "Key", group_version: "kv2" },
];
const CLIENTS = { flyte: toFlytePath, flytekit: toFlytekitPath, "flyte-sdk": toSdkPath } as const;

const cases = POLICIES.flatMap((fileNames) => NAMES.map((names) => ({ fileNames, names })));

describe.each(cases)("fileNames $fileNames of $names", ({ fileNames, names }) => {
  const request: SecretRequest = secret(names);
  const files = nameFiles(request, { fileNames, envVars: "refuse" });
  const paths = files.map(({ path }) => path);
  const asked: readonly string[] = ["flyte", ...[fileNames].flat()];

  test("every client that is named finds its file, no file is written for nobody, and none twice", () => {
    expect(new Set(paths).size).toBe(paths.length);
    for (const [client, toPath] of Object.entries(CLIENTS)) {
      if (asked.includes(client)) expect(paths).toContain(toPath(request));
    }
    for (const { path, for: readers } of files) {
      expect(readers.length).toBeGreaterThan(0);
      for (const reader of readers) {
        if (reader === "kubelet") throw new Error("the kubelet reads variables alone");
        expect(CLIENTS[reader](request)).toBe(path);
      }
    }
  });

  test("a client whose path does not exist is named", async () => {
    const engine = await createTestEngine({
      ...DEFAULT_SETTINGS,
      policy: { ...DEFAULT_SETTINGS.policy, fileNames },
    });
    const { issues } = await reviewPod(engine, podWith([request]));
    const codes = issues.map(({ code }) => code).filter((code) => code.startsWith("secret.file-name"));
    expect(codes.some((code) => code === "secret.file-name-sdk")).toBe(!paths.includes(toSdkPath(request)));
    expect(codes.some((code) => code !== "secret.file-name-sdk")).toBe(
      !paths.includes(toFlytekitPath(request)),
    );
  });
});

test("flyte-sdk: the group as given, the key in lower case", () => {
  const files = nameFiles(secret({ group: "Team", key: "Key", group_version: "kv2" }), {
    fileNames: ["flytekit", "flyte-sdk"],
    envVars: "refuse",
  });
  expect(files).toEqual([
    { path: "Team/Key", for: ["flyte"] },
    { path: "team/kv2/key", for: ["flytekit"] },
    { path: "Team/key", for: ["flyte-sdk"] },
  ]);
});

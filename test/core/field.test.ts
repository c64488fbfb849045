/** Situations that people have reported: what the product says of each pod, through the preview and as a review. */
import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/load.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { Issue } from "../../src/core/issue/issue.ts";
import { createEngine } from "../../src/host/engine.ts";
import { webPorts } from "../../src/host/ports.ts";
import { previewDocuments } from "../../src/preview/answer.ts";
import { readPreviewInput } from "../../src/preview/input/input.ts";
import { createTestEngine } from "../fixtures/engine.ts";
import { FIELD, type FieldCase, fieldCase } from "../fixtures/field.ts";

/** Codes above `info` that a file of a folder must have, by the folder's number and the file. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "01 pod.yaml": ["pod.token-foreign"],
  "02 pod.yaml": ["pod.token-foreign"],
  "04 pod.yaml": ["annotation.look-alike", "annotation.look-alike"],
  "06 pod.yaml": ["pod.file-unreadable"],
  "07 pod.yaml": [],
  "08 pod.yaml": ["pod.folder"],
  "09 pod.yaml": ["secret.api-path"],
  "09 pod-slash.yaml": ["secret.path-segment"],
  "10 deployment.yaml": ["preview.requests-outside"],
  "14 pod.yaml": ["annotation.unrendered", "annotation.unrendered"],
  "16 pod.yaml": ["pod.mesh-init"],
  "18 pod.yaml": [],
  "18 pod-file.yaml": [],
  "18 pod-env.yaml": ["secret.env-var"],
  "19 pod.yaml": ["secret.database-keys"],
  "27 pod.yaml": ["pod.windows"],
  "55 pod.yaml": ["annotation.value-agent"],
  "55 pod-name.yaml": ["annotation.value-agent"],
  "57 pod.yaml": ["annotation.value-agent", "annotation.value-agent", "annotation.value-injector"],
  "58 pod.yaml": [],
  "65 rayjob.yaml": [],
  "66 pod.yaml": [],
};

async function engineOf({ config }: FieldCase): Promise<Engine> {
  if (config === undefined) return createTestEngine();
  const loaded = await loadConfig([config], {});
  if (!loaded.ok) throw new Error(loaded.issues[0]?.message);
  const engine = await createEngine(loaded.value.config);
  if (!engine.ok) throw new Error(engine.issues[0].message);
  return engine.value;
}

async function preview(given: FieldCase, file: string): Promise<readonly Issue[]> {
  const engine = await engineOf(given);
  const input = readPreviewInput(given.objects[file] ?? "", webPorts);
  if (!input.ok) return input.issues;
  const { results } = await previewDocuments(input.value, { review: engine.review, configHash: engine.hash });
  await engine.close();
  return [...input.issues, ...results.flatMap(({ issues }) => issues)];
}

const isTold = ({ severity }: Issue) => severity !== "info";

describe("a preview of what people have reported", () => {
  const files = FIELD.filter(({ name }) => EXPECTED[`${name.slice(0, 2)} pod.yaml`] || hasOwn(name)).flatMap(
    (given) =>
      Object.keys(given.objects).map((file) => [`${given.name.slice(0, 2)} ${file}`, given, file] as const),
  );
  test("every folder with a pod is expected to lead to something", () => {
    const expected = files.map(([name]) => name).toSorted();
    expect<string[]>(expected).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(files)("%s", async (name, given, file) => {
    const issues = await preview(given, file);
    expect<string[]>(
      issues
        .filter(isTold)
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual([...(EXPECTED[name] ?? [])].toSorted());
  });
});

function hasOwn(name: string): boolean {
  return Object.keys(EXPECTED).some((key) => key.startsWith(`${name.slice(0, 2)} `));
}

describe("nothing above info is said of a good pod", () => {
  const files = FIELD.filter(({ isOk }) => isOk).flatMap((given) =>
    Object.keys(given.objects).map((file) => [given.name, file, given] as const),
  );
  test.each(files)("%s %s", async (_, file, given) => {
    expect((await preview(given, file)).filter(isTold)).toEqual([]);
    expect(await review(given, file)).toEqual([]);
  });
});

/** The pod as the API server sends it: warnings that its author sees. */
async function review(given: FieldCase, file: string): Promise<readonly string[]> {
  const engine = await engineOf(given);
  const input = readPreviewInput(given.objects[file] ?? "", webPorts);
  if (!input.ok) throw new Error(input.issues[0].message);
  const [target] = input.value.targets;
  const namespace = target?.namespace ?? "";
  const request = { uid: "u", operation: "CREATE", namespace, dryRun: false, object: target?.pod };
  const outcome = await engine.review(request);
  await engine.close();
  return outcome.warnings;
}

describe("what only a review knows", () => {
  test("66: no container mounts a token: the injector refuses the pod; a preview cannot know, and says so", async () => {
    const given = fieldCase("66-");
    expect(await review(given, "pod.yaml")).toEqual([
      expect.stringMatching(/mounts a service account token/),
    ]);
    const codes = (await preview(given, "pod.yaml")).map(({ code, severity }) => `${code} ${severity}`);
    expect(codes).toEqual(["pod.token-unknown info"]);
  });
});

describe("what the sentences say", () => {
  const text = async (start: string, file = "pod.yaml") =>
    (await preview(fieldCase(start), file)).map(({ message, help }) => `${message}. ${help}`).join("\n");

  test("01 names the mount and the annotations that help", async () => {
    expect(await text("01-")).toMatch(/eks\.amazonaws\.com[\s\S]*agent-service-account-token-volume-name/);
  });
  test("04 names the annotations that were meant", async () => {
    expect(await text("04-")).toMatch(/vault\.hashicorp\.com\/agent-requests-cpu[\s\S]*agent-requests-mem/);
  });
  test("09 says what to write", async () => {
    expect(await text("09-")).toContain("secret/data/flow-server");
    expect(await text("09-", "pod-slash.yaml")).toContain("secret/data/flow-server");
  });
  test("10 says where the requests belong", async () => {
    expect(await text("10-", "deployment.yaml")).toContain("/spec/template/metadata");
  });
  test("16 names agent-init-first", async () => {
    expect(await text("16-")).toContain("agent-init-first");
  });
  test("18 says that the variable holds the path", async () => {
    expect(await text("18-")).toMatch(
      /a file and for the variable OPENAI\w*: the variable will hold the path/,
    );
    expect(await text("18-", "pod-env.yaml")).toContain("Ask for a file");
  });
  test("55 shows a URL", async () => {
    expect(await text("55-")).toContain("https://");
  });
});

/**
 * The last link: flytekit finds the files that the agent's engine rendered, by the variables on the pod. Each case states
 * what is found under each of `policy.fileNames`, and what is not.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecretRequest } from "../../src/core/secret/request.ts";
import type { Settings } from "../../src/core/settings.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";
import { renderPod, secretVariables } from "./agent.ts";
import { type Ask, askFlytekit, findFlytekit } from "./flytekit.ts";

type FileNames = Settings["policy"]["fileNames"];

let root: string;

beforeAll(async () => {
  await findFlytekit();
  root = await mkdtemp(join(tmpdir(), "task-"));
}, 600_000);

afterAll(() => rm(root, { recursive: true, force: true }));

/** From a request to what flytekit says: webhook, agent, task. */
async function ask(fileNames: FileNames, request: Partial<SecretRequest>, asks: readonly Ask[]) {
  const engine = await createTestEngine({
    ...DEFAULT_SETTINGS,
    policy: { ...DEFAULT_SETTINGS.policy, fileNames },
  });
  const pod = podWith([secret({ mount_requirement: 2, ...request })]);
  const outcome = await reviewPod(engine, pod);
  expect(outcome.allowed).toBe(true);
  const injected = applyOutcome(pod, outcome);
  const container = await mkdtemp(join(root, "container-"));
  await renderPod(injected, { [request.group ?? ""]: { [request.key ?? ""]: "the value" } }, container);
  const given = await askFlytekit(secretVariables(injected, container), asks);
  return given.map((one) => ("found" in one ? one.found : undefined));
}

const FOUND = "the value";
const NOT_FOUND = undefined;

describe("a task that asks as it requested", () => {
  test.each([
    ["lower case", "secret/data/team", "api_key", FOUND, FOUND],
    ["dashes", "secret/data/my-team", "api-key", FOUND, FOUND],
    ["dots", "secret/data/tls", "tls.crt", FOUND, FOUND],
    // Flyte's webhook writes the names as they are, and flytekit looks for them in lower case.
    ["upper case in the key", "secret/data/team", "API_KEY", NOT_FOUND, FOUND],
    ["upper case in the group", "secret/data/Team", "api_key", NOT_FOUND, FOUND],
    ["mixed case in both", "secret/data/Team", "apiKey", NOT_FOUND, FOUND],
    ["unicode", "secret/data/équipe", "clé", FOUND, FOUND],
  ])("%s: %s#%s", async (_, group, key, flyte, flytekit) => {
    expect(await ask("flyte", { group, key }, [{ group, key }])).toEqual([flyte]);
    expect(await ask("flytekit", { group, key }, [{ group, key }])).toEqual([flytekit]);
  });
});

describe("group_version", () => {
  const group = "secret/data/team";
  const without = (key: string): Ask => ({ group, key });
  const withVersion = (key: string): Ask => ({ group, key, group_version: "kv2" });

  test.each([
    // flytekit puts the version it is asked with into the path; Flyte's webhook never does.
    ["lower case", "api_key", [FOUND, NOT_FOUND], [FOUND, FOUND]],
    ["upper case", "API_KEY", [NOT_FOUND, NOT_FOUND], [NOT_FOUND, FOUND]],
  ])("%s: asked without it, and with it", async (_, key, flyte, flytekit) => {
    const request = { group, key, group_version: "kv2" };
    expect(await ask("flyte", request, [without(key), withVersion(key)])).toEqual(flyte);
    expect(await ask("flytekit", request, [without(key), withVersion(key)])).toEqual(flytekit);
  });
});

describe("what the task's author is told", () => {
  test("flytekit names the file that it looked for, which is the one that fileNames: flytekit writes", async () => {
    const request = { group: "secret/data/Team", key: "ApiKey", group_version: "kv2" };
    const engine = await createTestEngine({
      ...DEFAULT_SETTINGS,
      policy: { ...DEFAULT_SETTINGS.policy, fileNames: "flytekit" },
    });
    const pod = podWith([secret(request)]);
    const injected = applyOutcome(pod, await reviewPod(engine, pod));
    const empty = await mkdtemp(join(root, "empty-"));
    const [answer] = await askFlytekit(secretVariables(injected, empty), [request]);
    const looked = answer && "error" in answer ? /FilePath: (\S+)/.exec(answer.error)?.[1] : undefined;
    const secrets = { "secret/data/Team": { ApiKey: FOUND } };
    const written = await renderPod(injected, secrets, await mkdtemp(join(root, "written-")));
    expect(written.map((path) => join(empty, path))).toContain(looked ?? "nothing");
  });

  test("upper case under fileNames: flyte is warned about at admission", async () => {
    const engine = await createTestEngine();
    const outcome = await reviewPod(engine, podWith([secret({ group: "secret/data/Team", key: "API_KEY" })]));
    expect(outcome.warnings.join("\n")).toContain("flytekit");
  });
});

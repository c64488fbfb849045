import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { toRunning } from "../fixtures/cluster.ts";
import {
  applyOutcome,
  createTestEngine,
  DEFAULT_SETTINGS,
  podWith,
  reviewPod,
  secret,
} from "../fixtures/engine.ts";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace({ "none.yaml": "webhook: { vaultSecretManager: { role: other } }\n" });
afterAll(place.remove);

const vaultSecretManager = { role: "flyte-role", kvVersion: 2 as const, annotations: {} };
const SETTINGS = { ...DEFAULT_SETTINGS, webhook: { vaultSecretManager } };

const asked = secret({ group: "secret/data/team", key: "api_key" });
const ROLE = "vault.hashicorp.com/role";
const file = (id: string) => ({
  [`vault.hashicorp.com/agent-inject-secret-${id}`]: "secret/data/team",
  [`vault.hashicorp.com/agent-inject-file-${id}`]: "secret/data/team/api_key",
  [`vault.hashicorp.com/agent-inject-template-${id}`]:
    '{{- with secret "secret/data/team" -}}{{ .Data.data.api_key }}{{- end -}}',
});

const preview = (pod: unknown, ...options: string[]) =>
  place.run(["preview", "-o", "json", ...options], { stdin: JSON.stringify(pod) });

/** The one result, without what a review of another pod may have otherwise. */
const resultOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout).results[0];

describe("preview --as-created", () => {
  test("previews a running pod as the pod that was created, whatever it was", async () => {
    const engine = await createTestEngine(SETTINGS);
    const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/);
    const request = fc.record({
      group: name.map((n) => `secret/data/${n}`),
      key: name,
      group_version: fc.constantFrom("", "kv1", "kv2"),
    });
    const requests = fc.uniqueArray(request, {
      minLength: 1,
      maxLength: 3,
      selector: ({ group, key }) => `${group}/${key}`,
    });
    const own = fc.dictionary(
      fc.constantFrom(ROLE, "vault.hashicorp.com/namespace", "acme.io/x"),
      fc.constantFrom("mine", "true"),
    );
    await fc.assert(
      fc.asyncProperty(requests, own, async (fields, annotations) => {
        const pod = podWith(fields.map(secret), annotations);
        const outcome = await reviewPod(engine, pod);
        fc.pre(outcome.allowed);
        const created = resultOf(await preview(toRunning(applyOutcome(pod, outcome)), "--as-created"));
        expect(created).toEqual(resultOf(await preview(pod)));
      }),
      { numRuns: 40 },
    );
  });

  test("is what such a pod needs: without it there is nothing to see", async () => {
    const running = toRunning(podWith([asked], file("uuid-1")));
    const { code, issues, stdout } = await preview(running);
    expect([code, issues]).toEqual([0, ["cli.pod-injected"]]);
    expect(JSON.parse(stdout).results[0].annotations).toEqual([]);
  });

  test("knows the files that Flyte's webhook declared twice, under ids of its own", async () => {
    const running = toRunning(
      podWith([asked], { ...file("uuid-1"), ...file("uuid-2"), "vault.hashicorp.com/agent-inject": "true" }),
    );
    expect(resultOf(await preview(running, "--as-created"))).toEqual(
      resultOf(await preview(podWith([asked]))),
    );
  });

  test("keeps files that nobody asks for", async () => {
    const running = toRunning(
      podWith([asked], { "vault.hashicorp.com/agent-inject-secret-own": "secret/data/own" }),
    );
    const { annotations } = resultOf(await preview(running, "--as-created"));
    expect(annotations).toContainEqual(
      expect.objectContaining({
        key: "vault.hashicorp.com/agent-inject-secret-own",
        source: { kind: "pod" },
      }),
    );
  });

  test("says which annotations an earlier configuration may have left", async () => {
    const running = toRunning(podWith([asked], { [ROLE]: "flyte-role", ...file("uuid-1") }));
    const kept = await preview(running, "--as-created", "--config", "none.yaml");
    expect([kept.code, kept.issues]).toEqual([0, ["cli.pod-kept"]]);
    expect(kept.stderr).toContain(`override the webhook's: ${ROLE}\n`);
    expect((await preview(running, "--as-created")).issues).toEqual([]);
  });

  test("names no lines, since those of the text are no longer right", async () => {
    const running = toRunning(podWith([secret({ group: "..", key: "k" })]));
    const { code, stderr } = await place.run(["preview", "--as-created"], { stdin: JSON.stringify(running) });
    expect(code).toBe(1);
    expect(stderr).toStartWith("deny[secret.path-segment]: stdin: Secret request");
  });
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createTestEngine, DEFAULT_SETTINGS, podWith, reviewPod, secret } from "../../fixtures/engine.ts";
import { withPlugins } from "../../host/plugins.ts";
import { fileIds } from "../../plugins/ids.ts";

const anyPath = fc.array(fc.constantFrom("a", "b", "a-b", "a.b", "a!"), { minLength: 1, maxLength: 4 });

test("a file in another's folder is found, and nothing else is", async () => {
  const engine = await createTestEngine();
  await fc.assert(
    fc.asyncProperty(fc.array(anyPath, { minLength: 1, maxLength: 6 }), async (paths) => {
      const files = [...new Set(paths.map((path) => ["g", ...path].join("/")))];
      const requests = files.map((file) => {
        const slash = file.lastIndexOf("/");
        return secret({ group: file.slice(0, slash), key: file.slice(slash + 1), group_version: "kv1" });
      });
      const { issues } = await reviewPod(engine, podWith(requests));
      const inside = files.filter((file) => files.some((other) => file.startsWith(`${other}/`)));
      const found = issues.filter(({ code }) => code === "secret.file-in-file");
      expect(found.map(({ annotation }) => annotation)).toEqual(
        inside.map((file) => `flyte.secrets/s${files.indexOf(file)}`),
      );
      for (const { message, annotation } of found) {
        const file = files[Number(annotation?.slice("flyte.secrets/s".length))] ?? "";
        const outermost = files.filter((other) => file.startsWith(`${other}/`)).sort()[0];
        expect(message).toContain(`"${outermost}" is a file`);
      }
    }),
    { numRuns: 300 },
  );
});

describe("a file of the webhook that somebody moves to the path of another request", () => {
  const a = secret({ group: "secret/data/a", key: "k", group_version: "kv2" });
  const b = secret({ group: "secret/data/b", key: "k", group_version: "kv2" });

  test("a plugin: found", async () => {
    const engine = await withPlugins([{ use: "./move-file.ts", isolate: "none" }]);
    const { allowed, issues } = await reviewPod(engine, podWith([a, b]));
    expect(allowed).toBe(false);
    expect(issues.map(({ code }) => code)).toContain("secret.file-twice");
    expect((await reviewPod(engine, podWith([a]))).allowed).toBe(true);
  });

  test("the configuration: found", async () => {
    const [id = ""] = await fileIds([a]);
    const annotations = { [`vault.hashicorp.com/agent-inject-file-${id}`]: "secret/data/b/k" };
    const vaultSecretManager = { ...DEFAULT_SETTINGS.webhook.vaultSecretManager, annotations };
    const engine = await createTestEngine({ ...DEFAULT_SETTINGS, webhook: { vaultSecretManager } });
    const { issues } = await reviewPod(engine, podWith([a, b]));
    expect(issues.map(({ code }) => code)).toContain("secret.file-twice");
  });
});

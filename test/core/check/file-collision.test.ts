import { expect, test } from "bun:test";
import fc from "fast-check";
import { createTestEngine, podWith, reviewPod, secret } from "../../fixtures/engine.ts";

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

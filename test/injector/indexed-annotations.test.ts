/** What the index says of annotations is what a walk over all of them says, and what the injector's model reads. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { IndexedAnnotations } from "../../src/injector/indexed-annotations.ts";
import { Reader } from "../../src/injector/reader.ts";
import { listSecrets } from "../../src/injector/secret.ts";
import { findAnnotation, VAULT_ANNOTATIONS, VAULT_DOMAIN } from "../../src/injector/vocabulary.ts";

const anyName = fc.constantFrom(...VAULT_ANNOTATIONS.map(({ name }) => name));
const anyKey = fc.oneof(
  anyName.map((name) => VAULT_DOMAIN + name),
  fc
    .tuple(anyName, fc.constantFrom("x", "file-x", "a-b", "X"))
    .map(([name, id]) => `${VAULT_DOMAIN}${name}-${id}`),
  fc.constantFrom("acme.io/team", `${VAULT_DOMAIN}unknown`, `${VAULT_DOMAIN}`),
);
const anyAnnotations = fc.array(fc.tuple(anyKey, fc.constantFrom("", " ", "v", "other")), { maxLength: 40 });

describe("IndexedAnnotations", () => {
  test("hold the last value of each key in the domain, at the place of the first", () => {
    fc.assert(
      fc.property(anyAnnotations, (annotations) => {
        const expected = new Map(annotations.filter(([key]) => key.startsWith(VAULT_DOMAIN)));
        const index = new IndexedAnnotations(annotations);
        expect([...index.all()].map(({ key, value }) => [key, value])).toEqual([...expected]);
        expect(index.units).toBe([...expected].join("").length - expected.size);
        for (const [key] of annotations) {
          expect([index.get(key), index.find(key)?.value, index.has(key)]).toEqual([
            expected.get(key),
            expected.get(key),
            expected.has(key),
          ]);
        }
      }),
    );
  });

  test("list what has a suffix by its name, and the ids that the injector's model reads", () => {
    fc.assert(
      fc.property(anyAnnotations, (annotations) => {
        const index = new IndexedAnnotations(annotations);
        const all = [...index.all()];
        for (const { name } of VAULT_ANNOTATIONS) {
          const expected = all.filter(({ key }) => {
            const found = findAnnotation(key);
            return found?.entry.name === name && found.suffix !== undefined;
          });
          expect([...index.withSuffix(name).values()]).toEqual(expected);
        }
        const values = new Map(all.map(({ key, value }) => [key.slice(VAULT_DOMAIN.length), value]));
        const ids = listSecrets(new Reader(values, "")).map(({ id }) => id);
        expect([...index.declared.keys()].toSorted()).toEqual(ids.toSorted());
        for (const [id, key] of index.declared) expect(key).toEndWith(id);
      }),
    );
  });
});

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import {
  ANNOTATION_CLASSES,
  type AnnotationClass,
  CLASS_OF,
  classifyAnnotation,
} from "../../src/injector/classes.ts";
import { VAULT_ANNOTATIONS, VAULT_DOMAIN, vaultKey } from "../../src/injector/vocabulary.ts";
import { renderClassRows, SECURITY_DOCS } from "./security-docs.ts";

describe("CLASS_OF", () => {
  test("has a class for each row of the vocabulary, and nothing else", () => {
    expect(Object.keys(CLASS_OF).sort()).toEqual(VAULT_ANNOTATIONS.map(({ name }) => name).sort());
  });

  test("uses every class", () => {
    expect(new Set(Object.values(CLASS_OF))).toEqual(
      new Set(Object.keys(ANNOTATION_CLASSES) as AnnotationClass[]),
    );
  });
});

describe("ANNOTATION_CLASSES", () => {
  test.each(Object.entries(ANNOTATION_CLASSES))("%s completes a sentence", (_, why) => {
    expect(why).toMatch(/^[a-z].*[^.]$/);
  });
});

describe("classifyAnnotation", () => {
  test.each(VAULT_ANNOTATIONS.map((entry) => [entry.name, entry] as const))(
    "finds %s by its keys",
    (name, entry) => {
      const suffixes = "suffixed" in entry ? ["x", "My-Id.1"] : [undefined];
      for (const suffix of suffixes) expect(classifyAnnotation(vaultKey(name, suffix))).toBe(CLASS_OF[name]);
      if ("suffixOptional" in entry) expect(classifyAnnotation(vaultKey(name))).toBe(CLASS_OF[name]);
    },
  );

  test.each(["agent-inject-secret", "agent-inject-secret-", "rolle", "", "agent_inject"])(
    "does not know %j",
    (name) => expect(classifyAnnotation(VAULT_DOMAIN + name)).toBe("unknown"),
  );

  test.each(["acme.io/role", "role", "vault.hashicorp.com"])("%j is of another domain", (key) => {
    expect(classifyAnnotation(key)).toBeUndefined();
  });
});

test("docs/security.md has the table of classes", async () => {
  expect(await readFile(SECURITY_DOCS, "utf8")).toContain(renderClassRows());
});

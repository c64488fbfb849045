/** A recording stands for the engine only while it fits what is rendered. */
import { expect, test } from "bun:test";
import { renderTemplate } from "../../src/core/vault/template.ts";
import { NOT_FOUND, render } from "./engine.ts";
import { compare, nameRendering, recall } from "./recording.ts";

const template = renderTemplate("kv2", "secret/data/recorded", "api-key");
const secrets = { "secret/data/recorded": { "api-key": "value" } };

test("what is rendered here is recorded, and another template is not", async () => {
  expect((await render(template, secrets)).text).toBe("value");
  expect(recall(nameRendering({ templates: [template], secrets })).texts).toEqual(["value"]);
  const changed = template.replace("api-key", "api-kez");
  expect(() => recall(nameRendering({ templates: [changed], secrets }))).toThrow("install Go");
});

test("another secret, or none, is another rendering", () => {
  const names = [secrets, { ...secrets, other: {} }, { "secret/data/recorded": NOT_FOUND }].map((stored) =>
    nameRendering({ templates: [template], secrets: stored }),
  );
  expect(new Set(names).size).toBe(3);
});

test("in CI a rendering that differs from its recording fails", () => {
  const name = nameRendering({ templates: [template], secrets });
  const before = process.env.CI;
  process.env.CI = "true";
  try {
    expect(() => compare(name, { ...recall(name), texts: ["another value"] })).toThrow("another value");
    expect(() => compare("never recorded", recall(name))).toThrow("Recorded is nothing");
    compare(name, recall(name));
  } finally {
    if (before === undefined) delete process.env.CI;
    else process.env.CI = before;
  }
});

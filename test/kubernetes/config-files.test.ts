import { describe, expect, test } from "bun:test";
import { jsonSchema } from "../../src/config/schema-file.ts";
import { findPrivateParts, saysTimeout, toConfigMapData } from "../../src/kubernetes/config-files.ts";

describe("toConfigMapData keeps the order of merging", () => {
  test.each([
    [["/x/webhook.yaml"], ["webhook.yaml"]],
    [
      ["/x/a.yaml", "/y/b.yaml"],
      ["a.yaml", "b.yaml"],
    ],
    [
      ["/x/b.yaml", "/y/a.yaml"],
      ["0-b.yaml", "1-a.yaml"],
    ],
    [
      ["/x/a.yaml", "/y/a.yaml"],
      ["0-a.yaml", "1-a.yaml"],
    ],
    [["/x/monitoring.yaml"], ["0-monitoring.yaml"]],
    [["/x/my config (1).yaml"], ["my-config--1-.yaml"]],
  ])("%j → %j", (paths, names) => {
    const data = toConfigMapData(paths.map((path, index) => ({ path, text: `${index}` })));
    expect(Object.entries(data)).toEqual(names.map((name, index) => [name, `${index}`]));
  });

  test("with eleven files, whose numbers have two digits", () => {
    const files = Array.from({ length: 11 }, (_, index) => ({ path: `/${index}/a.yaml`, text: `${index}` }));
    const names = Object.keys(toConfigMapData(files));
    expect(names.toSorted()).toEqual(names);
    expect(names[10]).toBe("10-a.yaml");
  });
});

test.each([
  ["webhook: { webhookTimeout: 30 }", true],
  ["Webhook:\n  webhooktimeout: 5\n", true],
  ["webhook: { role: x } # webhookTimeout: 30", false],
  ["other: { webhookTimeout: 30 }", false],
  ["", false],
])("saysTimeout %j is %p", (text, expected) => {
  expect(saysTimeout([{ path: "a.yaml", text }])).toBe(expected);
});

test("findPrivateParts takes every section of the configuration as the webhook's own, and nothing else", () => {
  const sections = Object.keys(jsonSchema.properties ?? {}).filter((name) => !name.startsWith("$"));
  expect(sections).toContain("injector");
  const text = [...sections, "database"].map((name) => `${name}: {}\n`).join("");
  expect(findPrivateParts([{ path: "a.yaml", text }])).toEqual([
    { path: "a.yaml", sections: ["database"], token: false },
  ]);
});

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { renderJsonSchema } from "../../src/config/jsonschema.ts";
import { jsonSchema } from "../../src/config/schema-file.ts";

const FILE = new URL("../../config/webhook.schema.json", import.meta.url);

describe("config/webhook.schema.json", () => {
  test("is what the schema generates; if not: bun test/config/update-schema.ts", async () => {
    expect(await readFile(FILE, "utf8")).toBe(renderJsonSchema());
    expect(JSON.stringify(jsonSchema)).toBe(JSON.stringify(JSON.parse(renderJsonSchema())));
  });

  test("describes every name", () => {
    expect(undescribed(jsonSchema, "")).toEqual([]);
  });

  test("is strict about our sections, and not about Flyte's", () => {
    const { policy, webhook } = jsonSchema.properties;
    expect(policy.additionalProperties).toBe(false);
    expect("additionalProperties" in webhook || "additionalProperties" in jsonSchema).toBe(false);
  });
});

describe("config/webhook.yaml", () => {
  test("names its schema in its first line", async () => {
    const text = await readFile(new URL("../../config/webhook.yaml", import.meta.url), "utf8");
    expect(text.split("\n", 1)).toEqual(["# yaml-language-server: $schema=./webhook.schema.json"]);
  });
});

// Names whose schema has no description, by path.
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, part]) => {
    if (keyword !== "properties") return undescribed(part, path);
    return Object.entries(part as Record<string, { description?: string }>).flatMap(([name, property]) => {
      const here = `${path}.${name}`;
      return [...(property.description ? [] : [here]), ...undescribed(property, here)];
    });
  });
}

/**
 * Generates the JSON Schema of a configuration file, for editors, from the valibot schema. The generator is a development
 * dependency; at run time the committed file is used (schema-file.ts).
 */
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { ConfigSchema } from "./schema.ts";
import { shapeOf, unwrap } from "./shape.ts";

/** Renders config/webhook.schema.json. */
export function renderJsonSchema(): string {
  const schema = toJsonSchema(ConfigSchema, {
    typeMode: "input",
    target: "draft-07",
    // Transformations and checks in code cannot be expressed in JSON Schema, which therefore accepts more than they do.
    errorMode: "ignore",
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      describeNames(valibotSchema, orList(valibotSchema, jsonSchema)),
  });
  const titled = { $schema: schema.$schema, title: "flyte-vault-webhook configuration", ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

// Lists of one-key maps are valid too: names.ts converts them to a map before validation.
function orList({ type }: v.GenericSchema, map: JsonSchema): JsonSchema {
  return type === "record" ? { anyOf: [map, { type: "array", items: map }] } : map;
}

// The generator stops at a transformation and misses the descriptions after it.
function describeNames(schema: v.GenericSchema, json: JsonSchema): JsonSchema {
  if (json.properties === undefined) return json;
  const properties = Object.entries(json.properties).map(([name, property]): [string, JsonSchema] => {
    const { description, deprecated } = partOf(schema, name);
    const known = Object.entries(property).filter(([keyword]) => keyword !== "unused");
    return [name, { description, ...Object.fromEntries(known), ...(deprecated && { deprecated }) }];
  });
  return { ...json, properties: Object.fromEntries(properties) };
}

function partOf(schema: v.GenericSchema, name: string): { description: string; deprecated: boolean } {
  const shape = shapeOf(schema);
  const part = shape.kind === "names" ? shape.entries.get(name) : undefined;
  if (part === undefined) return { description: "", deprecated: false };
  const { deprecated } = v.getMetadata(unwrap(part));
  return { description: v.getDescription(unwrap(part)) ?? "", deprecated: deprecated === true };
}

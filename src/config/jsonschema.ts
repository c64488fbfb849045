/**
 * The JSON Schema of a configuration file, for completion in editors; generated from the valibot schema. Its package is
 * there in development only: at run time the committed file is used (schema-file.ts).
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
    // Transformations and checks in code have no JSON Schema; what they accept is a subset of what it accepts.
    errorMode: "ignore",
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      describeNames(valibotSchema, orList(valibotSchema, jsonSchema)),
  });
  const titled = { $schema: schema.$schema, title: "flyte-vault-webhook configuration", ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

// names.ts turns a list of one-key maps into a map, before the schema sees it.
function orList({ type }: v.GenericSchema, map: JsonSchema): JsonSchema {
  return type === "record" ? { anyOf: [map, { type: "array", items: map }] } : map;
}

// The generator stops at a transformation, and so misses the descriptions that follow it.
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

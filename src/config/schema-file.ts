/** The committed JSON Schema, for `config schema`; a test keeps it equal to what the code generates. */
export { default as jsonSchema } from "../../config/webhook.schema.json" with { type: "json" };

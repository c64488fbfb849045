/** The committed JSON Schema, for `config schema`; a test compares it with the generated one. */
export { default as jsonSchema } from "../../config/webhook.schema.json" with { type: "json" };

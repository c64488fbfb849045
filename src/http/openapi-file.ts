/** The committed OpenAPI document; a test compares it with the generated one. */
export { default as openApi } from "../../config/openapi.json" with { type: "json" };

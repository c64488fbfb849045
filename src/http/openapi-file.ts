/** The committed OpenAPI document; a test keeps it equal to what the code generates. */
export { default as openApi } from "../../config/openapi.json" with { type: "json" };

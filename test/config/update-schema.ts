/** Writes config/webhook.schema.json anew: `bun test/config/update-schema.ts`. */
import { writeFile } from "node:fs/promises";
import { renderJsonSchema } from "../../src/config/jsonschema.ts";

await writeFile(new URL("../../config/webhook.schema.json", import.meta.url), renderJsonSchema());

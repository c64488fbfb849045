/** `GET /openapi.json`: the API of both listeners as OpenAPI. */
import type { Handler } from "../options.ts";

/** Creates the handler. */
export function createOpenApi(): Handler {
  let text: string | undefined;
  return async (c) => {
    // Imported by the first request, so that the server starts faster.
    text ??= JSON.stringify((await import("../openapi-file.ts")).openApi);
    return c.body(text, 200, { "content-type": "application/json" });
  };
}

/** `GET /metrics`: what Prometheus scrapes. */
import type { Handler, RouteContext } from "../options.ts";

/** Creates the handler; nothing where the app has no metrics. */
export function createMetrics({ options: { renderMetrics } }: RouteContext): Handler | undefined {
  if (!renderMetrics) return undefined;
  return async (c) => {
    const { contentType, text } = await renderMetrics();
    return c.body(text, 200, { "content-type": contentType });
  };
}

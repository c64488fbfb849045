/** `GET /metrics`: metrics in Prometheus' text format. */
import type { Handler, RouteContext } from "../options.ts";

/** How long a rendering is reused, milliseconds: rendering is slow, and a flood of scrapes must not delay admissions. */
const REUSED_MS = 250;

/** @returns the handler; absent if the app has no metrics */
export function createMetrics({ options: { renderMetrics } }: RouteContext): Handler | undefined {
  if (!renderMetrics) return undefined;
  let last: { readonly at: number; readonly rendered: ReturnType<typeof renderMetrics> } | undefined;
  return async (c) => {
    const now = performance.now();
    if (!last || now - last.at > REUSED_MS) last = { at: now, rendered: renderMetrics() };
    const { contentType, text } = await last.rendered;
    return c.body(text, 200, { "content-type": contentType });
  };
}

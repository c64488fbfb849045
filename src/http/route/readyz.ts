/** `GET /readyz`: whether the process can serve, and what about each part of it. */
import type { Handler, RouteContext } from "../options.ts";
import { toReadiness } from "../readiness.ts";

/** Creates the handler: 200 where every check is good, else 503, with the checks as JSON either way. */
export function createReadyz({ options }: RouteContext): Handler {
  return (c) => {
    const readiness = toReadiness(options.readiness?.() ?? []);
    return c.json(readiness, readiness.ready ? 200 : 503);
  };
}

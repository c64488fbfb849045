/** `GET /readyz`: whether the process can serve, with the state of each of its parts. */
import type { Handler, RouteContext } from "../options.ts";
import { toReadiness } from "../readiness.ts";

/** Creates the handler: 200 if every check is ok, else 503; with all checks as JSON in both cases. */
export function createReadyz({ options }: RouteContext): Handler {
  return (c) => {
    const readiness = toReadiness(options.readiness?.() ?? []);
    return c.json(readiness, readiness.ready ? 200 : 503);
  };
}

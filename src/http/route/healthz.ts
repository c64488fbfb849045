/** `GET /healthz`: whether the process answers at all; a probe that fails here restarts the pod. */
import type { Handler } from "../options.ts";

/** Creates the handler. */
export function createHealthz(): Handler {
  return (c) => c.text("ok");
}

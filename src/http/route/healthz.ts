/** `GET /healthz`: whether the process answers; a failing liveness probe restarts the pod. */
import type { Handler } from "../options.ts";

/** Creates the handler. */
export function createHealthz(): Handler {
  return (c) => c.text("ok");
}

/** Reports each reload as one log line and in the metrics. */
import type { ReloadEvent } from "../host/live.ts";
import type { Telemetry } from "./telemetry.ts";

/**
 * Creates the observer of reloads.
 *
 * @param serving returns the hash of the configuration in force
 */
export function createReloadLog(
  { log, metrics, report }: Pick<Telemetry, "log" | "metrics" | "report">,
  serving: () => string,
): (event: ReloadEvent) => void {
  return (event) => {
    const { kind, issues, fields } = event;
    if ("hash" in event) {
      metrics.configReloaded("ok", event.hash);
      report(issues);
      return log("info", kind, { config: event.hash, ...fields });
    }
    const isHeld = kind === "held";
    metrics.configReloaded(isHeld ? "held" : "error", serving());
    // Every issue gets its own line; the line below names only the first.
    if (!isHeld) report(issues);
    const [{ code, message, help }] = event.issues;
    const what = isHeld ? "reload held back" : "reload failed";
    const reason = { code, reason: message, help };
    log("error", `${what}, the last good configuration stays`, { config: serving(), ...reason, ...fields });
  };
}

/** The mode of a server: enforce, or observe (`policy.mode`). */
import type { Config } from "../config/schema.ts";
import type { Engine } from "../core/engine.ts";
import type { Live } from "../host/live.ts";
import { webPorts } from "../host/ports.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import { toFields } from "../telemetry/log.ts";
import type { LoadedEngine } from "./load.ts";
import type { ObserverOptions } from "./observe.ts";
import type { Telemetry } from "./telemetry.ts";

/** What the mode does with reviews. */
export interface Mode {
  /** @returns the engine that handles new reviews */
  readonly engine: () => Engine;
  /** Its line of `/readyz`. */
  readonly check: () => ReadyCheck;
}

/**
 * Chooses between enforcing and observing, once, at the start. If a reload could switch a serving webhook to observing, one
 * edit would leave every new pod without its secrets.
 */
export async function createMode(
  { policy: { mode } }: Config,
  live: Live<LoadedEngine>,
  { log, metrics }: Telemetry,
): Promise<Mode> {
  metrics.modeChosen(mode);
  const check = (): ReadyCheck => {
    const { mode: configured } = live.current().config.policy;
    const detail =
      configured === mode ? mode : `${mode}; the configuration says ${configured}: restart to change it`;
    return { name: "mode", ok: true, detail };
  };
  if (mode === "enforce") return { engine: live.engine, check };
  const { logVerdict, observeEngine } = await import("./observe.ts");
  const observed = new WeakMap<Engine, Engine>();
  const engine = () => {
    const current = live.engine();
    const known = observed.get(current) ?? observeEngine(current, options);
    observed.set(current, known);
    return known;
  };
  const options: ObserverOptions = {
    decodeUtf8: webPorts.decodeUtf8,
    onVerdict: (verdict, request, comparison) => {
      metrics.countObserved(verdict);
      logVerdict(log, verdict, request, comparison);
    },
    reportDefect: (error) => log("error", "defect", toFields(error)),
  };
  return { engine, check };
}

/** Whether the injector works on a pod at all. Reads `agent-inject`, `agent-inject-status`. */

import { parseGoBool } from "./go.ts";
import { refuseBool } from "./go-error.ts";

/** Why the injector leaves a pod alone. */
export type LeftAlone = "not-asked" | "off" | "started" | "injected-before";

/**
 * Reads the switch (vault-k8s `agent.ShouldInject`).
 *
 * @param values annotations by their names without the domain
 * @param phase of the pod; what is no longer pending is left alone
 * @returns why the pod is left alone, the refusal of a switch that is no boolean, or nothing where the work goes on
 */
export function readSwitch(
  values: ReadonlyMap<string, string>,
  phase: string,
): LeftAlone | { readonly error: string } | undefined {
  const value = values.get("agent-inject");
  if (value === undefined) return "not-asked";
  const isOn = parseGoBool(value);
  if (isOn === undefined) return { error: refuseBool(value) };
  if (!isOn) return "off";
  if (phase !== "" && phase !== "Pending") return "started";
  return values.get("agent-inject-status") === "injected" ? "injected-before" : undefined;
}

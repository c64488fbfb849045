/** Whether the injector works on a pod at all. Reads `agent-inject`, `agent-inject-status`. */

import { parseGoBool } from "./go.ts";
import { refuseBool } from "./go-error.ts";

/** Why the injector leaves a pod alone. */
export type LeftAlone = "not-asked" | "off" | "started" | "injected-before";

/**
 * Reads the switch (vault-k8s `agent.ShouldInject`).
 *
 * @param values annotations by name, without the domain
 * @param phase phase of the pod; a pod that has started is left alone
 * @returns why the pod is left alone, the error of an invalid switch, or `undefined` if the injector works on the pod
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

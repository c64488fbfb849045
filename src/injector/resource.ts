/**
 * Resources of the agent's containers. Reads `agent-limits-cpu`, `agent-limits-mem`, `agent-limits-ephemeral`,
 * `agent-requests-cpu`, `agent-requests-mem`, `agent-requests-ephemeral`.
 */
import { readQuantity } from "./quantity.ts";
import type { Reader } from "./reader.ts";

type Quantities = Readonly<Record<string, string>>;

/** Resources of a container. */
export interface AgentResources {
  readonly limits: Quantities;
  readonly requests: Quantities;
}

/** The injector's and Kubernetes' names of resources, in reading order. */
const RESOURCES = [
  ["cpu", "cpu"],
  ["mem", "memory"],
  ["ephemeral", "ephemeral-storage"],
] as const;

/** Reads limits, then requests (vault-k8s `parseResources`); empty ones are left out. */
export function readResources(reader: Reader): AgentResources {
  return { limits: readAll("agent-limits", reader), requests: readAll("agent-requests", reader) };
}

function readAll(prefix: string, reader: Reader): Quantities {
  const found: [string, string][] = [];
  for (const [name, resource] of RESOURCES) {
    const value = reader.text(`${prefix}-${name}`);
    if (value === "") continue;
    const { text, error } = readQuantity(value);
    if (error !== undefined) reader.refuse(error, "quantity", `${prefix}-${name}`);
    else found.push([resource, text]);
  }
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

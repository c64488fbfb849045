/** Options of the commands that ask a cluster, handed on to kubectl. */
import type { Options, Values } from "./options.ts";

/** Which cluster, where it is not kubectl's current one. */
export const CLUSTER = {
  context: { type: "text", value: "NAME", summary: "Context of kubectl (default: the current one)" },
  kubeconfig: { type: "text", value: "FILE", summary: "kubectl's configuration (default: kubectl's own)" },
} as const satisfies Options;

/** @returns the arguments of kubectl that name the cluster. */
export function toClusterArgs({ context, kubeconfig }: Partial<Values<typeof CLUSTER>>): readonly string[] {
  return [
    ...(context === undefined ? [] : ["--context", context]),
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
  ];
}

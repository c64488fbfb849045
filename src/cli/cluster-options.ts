/** Options of commands that read a cluster; they are passed to kubectl. */
import type { Options, Values } from "./options.ts";

/** Selects a cluster other than kubectl's current one. */
export const CLUSTER = {
  context: { type: "text", value: "NAME", summary: "Context of kubectl (default: the current one)" },
  kubeconfig: { type: "text", value: "FILE", summary: "kubectl's configuration (default: kubectl's own)" },
} as const satisfies Options;

/** @returns kubectl's arguments that select the cluster */
export function toClusterArgs({ context, kubeconfig }: Partial<Values<typeof CLUSTER>>): readonly string[] {
  return [
    ...(context === undefined ? [] : ["--context", context]),
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
  ];
}

/** The guard: policies that see to it that a pod has got what it asked for. */
import type { JsonObject } from "../core/json.ts";
import { readText } from "../preview/input/identify.ts";
import { toList } from "./evidence.ts";

/** @returns the guard among the ValidatingAdmissionPolicies of a cluster. */
export function findGuard(policies: readonly unknown[]): readonly JsonObject[] {
  return toList(policies).filter(({ metadata }) =>
    readText(metadata, "name").startsWith("flyte-vault-webhook-"),
  );
}

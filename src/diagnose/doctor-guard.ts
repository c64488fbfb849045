/** Finds the guard: policies that refuse a pod without the secrets that it asks for. */
import type { JsonObject } from "../core/json.ts";
import { readText } from "../preview/input/identify.ts";
import { toList } from "./evidence.ts";

/** @returns the guard's policies among the ValidatingAdmissionPolicies of a cluster */
export function findGuard(policies: readonly unknown[]): readonly JsonObject[] {
  return toList(policies).filter(({ metadata }) =>
    readText(metadata, "name").startsWith("flyte-vault-webhook-"),
  );
}

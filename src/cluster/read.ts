/** Reads JSON from kubectl; what cannot be read comes with kubectl's message. */
import { isObject, type JsonObject } from "../core/json.ts";
import type { Result } from "../core/result.ts";
import type { Known } from "../diagnose/doctor-facts.ts";
import { toList } from "../diagnose/evidence.ts";
import { type KubectlOptions, readKubectl } from "./kubectl.ts";

/** @returns the items of the list that kubectl prints */
export async function readList(
  args: readonly string[],
  options: KubectlOptions,
): Promise<Known<readonly unknown[]>> {
  const read = await readJson(args, options);
  return read.ok ? { ok: true, value: toList(read.value.items) } : read;
}

/** @returns the object that kubectl prints */
export async function readJson(
  args: readonly string[],
  options: KubectlOptions,
  input?: string,
): Promise<Known<JsonObject>> {
  const text = await readKubectl(args, input === undefined ? options : { ...options, input });
  if (!text.ok) return { ok: false, reason: toReason(text) };
  try {
    const value: unknown = JSON.parse(text.value);
    return isObject(value)
      ? { ok: true, value }
      : { ok: false, reason: "kubectl did not print a JSON object" };
  } catch {
    return { ok: false, reason: "kubectl did not print JSON" };
  }
}

/** @returns kubectl's message, without the command */
export function toReason(failed: Result<unknown>): string {
  const text = failed.issues[0]?.message ?? "unknown";
  return text
    .replace(/^`[^`]*` failed: /, "")
    .replace(/^(?:Warning: [^\n]*\n)+/, "")
    .slice(0, 500);
}

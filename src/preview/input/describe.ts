/** Names what was found where something else was expected, for messages. */
import { quote } from "../../core/issue/define.ts";

/** @returns the value itself where it is short, its kind otherwise. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? quote(value) : String(value);
}

/** Describes unexpected values for messages. */

import { quote } from "../../core/issue/define.ts";
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import type { JsonPointer } from "../../core/patch/pointer.ts";

/** @returns the value itself if it is a scalar, else its kind, such as "a list" */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? quote(value) : String(value);
}

/**
 * @param path of the field, as a JSON Pointer
 * @returns the issue of a field that holds something else than is expected
 */
export function toFieldIssue(path: JsonPointer, expected: string, found: unknown): Issue {
  return previewIssues["preview.field"]({ path, expected, found: describe(found) }, { path });
}

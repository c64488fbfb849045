/** Limits depth and size of values. Shared parts (YAML aliases) count each time, as they would be written as JSON. */
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";

/** Deepest nesting. Deeper values could overflow the stack of recursive functions; Kubernetes objects are far below. */
export const MAX_DEPTH = 256;

/** Largest size in characters. An answer repeats the whole object for each pod template, so it is larger than its 1 MiB input. */
const MAX_SIZE = 16 * 1024 * 1024;

/**
 * Measures values together, without recursion, and stops at the limits.
 *
 * @returns an issue if they are too deep or too large
 */
export function findExcess(values: readonly unknown[]): Issue | undefined {
  let size = 0;
  const stack: { readonly value: unknown; readonly depth: number }[] = [{ value: values, depth: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, depth } = next;
    if (depth > MAX_DEPTH) return previewIssues["preview.too-deep"]({ limit: MAX_DEPTH });
    size += 2 + (typeof value === "string" ? value.length : 0);
    if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        size += Array.isArray(value) ? 0 : key.length;
        stack.push({ value: member, depth: depth + 1 });
      }
    }
    if (size > MAX_SIZE) return previewIssues["preview.too-large"]({ limit: MAX_SIZE });
  }
  return undefined;
}

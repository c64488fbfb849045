/**
 * Results as data: expected failures (anything that input can cause) are returned, all of them together; defects throw.
 */
import type { Issue } from "./issue/issue.ts";

/** A list that is known to hold at least one element. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** A success, with issues that did not prevent it, or a failure with at least one issue. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: NonEmpty<Issue> };

/** @returns a success with a value, and issues that did not prevent it */
export function success<T>(value: T, issues: readonly Issue[] = []): Result<T> {
  return { ok: true, value, issues };
}

/** @returns a failure with every issue found, not only the first */
export function failure(issues: NonEmpty<Issue>): { readonly ok: false; readonly issues: NonEmpty<Issue> } {
  return { ok: false, issues };
}

/** @returns whether a list has at least one element, as {@link failure} requires */
export function isNonEmpty<T>(list: readonly T[]): list is NonEmpty<T> {
  return list.length > 0;
}

/**
 * `policy.locked` and `policy.denied`: guard rails for what pods and plugins may set. They are no boundary; Vault's own
 * policies are.
 */
import { compileGlobs } from "./glob.ts";
import { admissionIssues } from "./issue/admission.ts";
import type { Issue } from "./issue/issue.ts";
import type { Line } from "./layer.ts";
import type { PolicySettings } from "./settings.ts";

/** The guard rails, compiled once per configuration. */
export interface Guard {
  /** @returns issues of the annotations that a pod carries, given what the platform would set. */
  readonly checkPod: (
    annotations: Readonly<Record<string, string | null>>,
    folded: ReadonlyMap<string, Line>,
  ) => Issue[];
  /** @returns an issue for a key that nobody may set. */
  readonly checkKey: (key: string, by: string) => Issue | undefined;
}

/** Compiles the patterns of a policy. */
export function createGuard({ locked, denied }: PolicySettings): Guard {
  const lockedBy = locked.map((pattern) => ({ pattern, matches: compileGlobs([pattern]) }));
  const deniedBy = denied.map((pattern) => ({ pattern, matches: compileGlobs([pattern]) }));
  const checkKey = (key: string, by: string): Issue | undefined => {
    const hit = deniedBy.find(({ matches }) => matches(key));
    return hit && admissionIssues["policy.denied"]({ key, by, pattern: hit.pattern }, { annotation: key });
  };
  const checkLock = (key: string, value: string, folded: ReadonlyMap<string, Line>): Issue | undefined => {
    if (folded.get(key)?.value === value) return undefined;
    const hit = lockedBy.find(({ matches }) => matches(key));
    return hit && admissionIssues["policy.locked"]({ key, pattern: hit.pattern }, { annotation: key });
  };
  return {
    checkKey,
    checkPod: (annotations, folded) => {
      if (lockedBy.length + deniedBy.length === 0) return [];
      return Object.entries(annotations).flatMap(([key, value]) => [
        ...listOf(checkKey(key, "the pod")),
        ...listOf(checkLock(key, value ?? "", folded)),
      ]);
    },
  };
}

function listOf(issue: Issue | undefined): Issue[] {
  return issue ? [issue] : [];
}

/**
 * `policy.profile`, `policy.locked` and `policy.denied`: guard rails for what pods and plugins may set. They are not a
 * boundary; Vault's own policies are.
 */
import { compileGlobs } from "../glob.ts";
import { admissionIssues } from "../issue/admission.ts";
import type { Issue } from "../issue/issue.ts";
import type { Line } from "../layer.ts";
import type { PolicySettings } from "../settings.ts";
import { compileProfile } from "../vault/profile.ts";

/** The guard rails, compiled once per configuration. */
export interface Guard {
  /** @returns issues of the annotations that a pod carries, given what the platform would set; not asked where nothing is guarded. */
  readonly checkPod: (annotations: Readonly<Record<string, string | null>>, platform: Platform) => Issue[];
  /** @returns an issue for a key that nobody may set. */
  readonly checkKey: (key: string, by: string) => Issue | undefined;
}

/** What the platform would set. */
type Platform = { readonly folded: ReadonlyMap<string, Line> };

/** Compiles the patterns of a policy. */
export function createGuard({ profile, locked, denied }: PolicySettings): Guard {
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
  const judge = compileProfile(profile);
  const checkProfile = (key: string, value: string, folded: ReadonlyMap<string, Line>): Issue | undefined => {
    const why = judge(key, value, folded.get(key)?.value ?? undefined);
    return why === undefined
      ? undefined
      : admissionIssues["policy.profile"]({ key, profile, why }, { annotation: key });
  };
  const isOpen = profile === "flyte" && lockedBy.length + deniedBy.length === 0;
  return {
    checkKey,
    checkPod: (annotations, platform) => {
      if (isOpen) return [];
      const { folded } = platform;
      return Object.entries(annotations).flatMap(([key, value]) => [
        ...listOf(checkKey(key, "the pod")),
        ...listOf(checkLock(key, value ?? "", folded)),
        ...listOf(checkProfile(key, value ?? "", folded)),
      ]);
    },
  };
}

function listOf(issue: Issue | undefined): Issue[] {
  return issue ? [issue] : [];
}

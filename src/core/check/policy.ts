/**
 * `policy.profile`, `policy.locked` and `policy.denied`: limits for the annotations of pods and plugins. They prevent
 * mistakes; the security boundary is Vault's own policies.
 */
import { compileGlobs } from "../glob.ts";
import { admissionIssues } from "../issue/admission.ts";
import type { Findings } from "../issue/findings.ts";
import type { Issue } from "../issue/issue.ts";
import type { Line } from "../layer.ts";
import type { PolicySettings } from "../settings.ts";
import { compileProfile } from "../vault/profile.ts";

/** A policy, compiled once per configuration. */
export interface Guard {
  /**
   * Checks a pod's own annotations against the policy and the platform's annotations, until the findings are full.
   *
   * @param found receives only the guard's issues
   */
  readonly checkPod: (
    annotations: Readonly<Record<string, string | null>>,
    platform: Platform,
    found: Findings,
  ) => void;
  /** @returns an issue if nobody may set the key, else `undefined`; `by` says who sets it */
  readonly checkKey: (key: string, by: string) => Issue | undefined;
}

/** The platform's annotations by key. */
type Platform = { readonly folded: ReadonlyMap<string, Line> };

/** Compiles the patterns of a policy. */
export function createGuard({ profile, locked, denied }: PolicySettings): Guard {
  const findLocked = compilePatterns(locked);
  const findDenied = compilePatterns(denied);
  const judge = compileProfile(profile);

  function checkOne(key: string, value: string, platform: string | undefined, found: Findings): void {
    const denying = findDenied(key);
    if (denying !== undefined) {
      const facts = { key, by: "the pod", pattern: denying };
      found.report(admissionIssues["policy.denied"], facts, { annotation: key });
    }
    if (platform === value) return;
    const locking = findLocked(key);
    if (locking !== undefined) {
      found.report(admissionIssues["policy.locked"], { key, pattern: locking }, { annotation: key });
    }
    const why = judge(key, value, platform);
    if (why === undefined) return;
    found.report(admissionIssues["policy.profile"], { key, profile, why }, { annotation: key });
  }

  const isOpen = profile === "flyte" && locked.length + denied.length === 0;
  return {
    checkKey: (key, by) => {
      const pattern = findDenied(key);
      if (pattern === undefined) return undefined;
      return admissionIssues["policy.denied"]({ key, by, pattern }, { annotation: key });
    },
    checkPod: (annotations, platform, found) => {
      if (isOpen) return;
      const { folded } = platform;
      for (const key in annotations) {
        if (found.isFull) found.leaveUnchecked(1);
        else checkOne(key, annotations[key] ?? "", folded.get(key)?.value ?? undefined, found);
      }
    },
  };
}

/** @returns a function that finds the first pattern that matches a key */
function compilePatterns(patterns: readonly string[]): (key: string) => string | undefined {
  const compiled = patterns.map((pattern) => ({ pattern, matches: compileGlobs([pattern]) }));
  return (key) => {
    for (const { pattern, matches } of compiled) if (matches(key)) return pattern;
    return undefined;
  };
}

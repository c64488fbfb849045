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
  /** Checks a pod's own annotations against the policy and the platform's annotations. */
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
  const lockedBy = locked.map((pattern) => ({ pattern, matches: compileGlobs([pattern]) }));
  const deniedBy = denied.map((pattern) => ({ pattern, matches: compileGlobs([pattern]) }));
  const judge = compileProfile(profile);
  const findDenied = (key: string) => deniedBy.find(({ matches }) => matches(key))?.pattern;

  function checkOne(key: string, value: string, platform: string | undefined, found: Findings): void {
    const where = { annotation: key };
    const denying = findDenied(key);
    if (denying !== undefined) {
      found.report(admissionIssues["policy.denied"], { key, by: "the pod", pattern: denying }, where);
    }
    const locking = platform === value ? undefined : lockedBy.find(({ matches }) => matches(key))?.pattern;
    if (locking !== undefined) {
      found.report(admissionIssues["policy.locked"], { key, pattern: locking }, where);
    }
    const why = judge(key, value, platform);
    if (why !== undefined) found.report(admissionIssues["policy.profile"], { key, profile, why }, where);
  }

  const isOpen = profile === "flyte" && lockedBy.length + deniedBy.length === 0;
  return {
    checkKey: (key, by) => {
      const pattern = findDenied(key);
      if (pattern === undefined) return undefined;
      return admissionIssues["policy.denied"]({ key, by, pattern }, { annotation: key });
    },
    checkPod: (annotations, { folded }, found) => {
      if (isOpen) return;
      for (const key in annotations) {
        checkOne(key, annotations[key] ?? "", folded.get(key)?.value ?? undefined, found);
      }
    },
  };
}

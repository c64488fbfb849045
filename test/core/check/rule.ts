/** Runs one rule, for tests. */
import { type CheckedPod, type Rule, toOptions } from "../../../src/core/check/change.ts";
import { Findings } from "../../../src/core/issue/findings.ts";
import type { InjectorFlags } from "../../../src/injector/flags.ts";
import { IndexedAnnotations } from "../../../src/injector/indexed-annotations.ts";
import { VAULT_DOMAIN } from "../../../src/injector/vocabulary.ts";

/** Keys without the injector's domain. */
export type Short = Readonly<Record<string, string>>;

/** @returns the issues that a rule reports for a pod with these annotations, in order */
export function runRule(
  rule: Rule,
  annotations: Short,
  pod: Partial<CheckedPod> = {},
  flags: InjectorFlags = {},
) {
  const found = new Findings();
  const full = new IndexedAnnotations(
    Object.entries(annotations).map(([name, value]) => [VAULT_DOMAIN + name, value]),
  );
  rule(full, toOptions(flags))?.({ pod: {}, namespace: "team", ...pod }, found);
  return found.list();
}

/** @returns their codes */
export function codesOf(...given: Parameters<typeof runRule>): string[] {
  return runRule(...given).map(({ code }) => code);
}

/** Whether the patterns of `policy.locked` and `policy.denied` protect anything: a mistyped one protects nothing, without a word. */
import { compileGlobs } from "../core/glob.ts";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { nearest } from "../core/nearest.ts";
import { findAnnotation, SUFFIXED_NAMES, VAULT_DOMAIN, WHOLE_NAMES } from "../injector/vocabulary.ts";
import type { Config } from "./schema.ts";
import { at, describe, find, type Tree, toDotted } from "./tree.ts";

const KEYS = [...WHOLE_NAMES, ...SUFFIXED_NAMES.map((name) => `${name}-*`)].map(
  (name) => `${VAULT_DOMAIN}${name}`,
);

/** Finds patterns that no annotation of the injector has, where the injector's annotations are meant. */
export function checkPatterns({ policy }: Config, written: Tree): Issue[] {
  return (["locked", "denied"] as const).flatMap((name) =>
    policy[name].flatMap((pattern, index) => {
      const meant = judge(pattern);
      if (meant === undefined) return [];
      const steps = ["policy", name, index];
      const { tree, place } = find(written, steps);
      const path = toDotted(steps);
      // As written: a pattern may come from the environment.
      const facts = { at: at(place), path, pattern: describe(tree), nearest: meant.nearest };
      return [configIssues["config.pattern-unmatched"](facts, { path })];
    }),
  );
}

/** @returns the annotation that was probably meant, if one is near; `undefined` where nothing is wrong */
function judge(pattern: string): { readonly nearest: string | undefined } | undefined {
  if (pattern.startsWith(VAULT_DOMAIN)) {
    return matchesOne(pattern) ? undefined : { nearest: nearest(pattern, KEYS, 3) };
  }
  const whole = VAULT_DOMAIN + pattern;
  if (/^[^*/]+\*?$/.test(pattern) && matchesOne(whole)) return { nearest: whole };
  // Other domains are nobody's mistake, unless they are almost the injector's.
  const near = pattern.includes("*") ? undefined : nearest(pattern, KEYS, 3);
  return near === undefined || matchesOne(pattern) ? undefined : { nearest: near };
}

/** Whether a pattern matches an annotation, or some of those that end with an id or a parameter. */
function matchesOne(pattern: string): boolean {
  if (!pattern.includes("*")) return findAnnotation(pattern) !== undefined;
  const matches = compileGlobs([pattern]);
  const head = pattern.slice(0, pattern.indexOf("*"));
  return KEYS.some((key) => matches(key) || (key.endsWith("*") && head.startsWith(key.slice(0, -1))));
}

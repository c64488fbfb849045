/** Compiles the conditions of a plugin entry (`plugins[].when`): the pods for which the plugin runs. */
import { compileGlobs } from "../glob.ts";
import type { PluginWhen } from "../settings.ts";
import { listReadings } from "../vault/readings.ts";
import type { PodContext } from "./context.ts";

/** The facts that the conditions test; `requests` are the original ones. */
export type WhenFacts = Pick<
  PodContext,
  "namespace" | "project" | "domain" | "serviceAccount" | "labels" | "requests"
>;

/**
 * Compiles conditions.
 *
 * @param when globs by field: every field must match, by at least one of its globs; a missing label matches nothing
 * @returns a function that returns whether a pod meets all conditions; without conditions, every pod does
 */
export function compileWhen(when: PluginWhen): (facts: WhenFacts) => boolean {
  const tests: ((facts: WhenFacts) => boolean)[] = [];
  const add = (
    globs: readonly string[] | undefined,
    read: (facts: WhenFacts) => readonly (string | undefined)[],
  ) => {
    if (globs === undefined) return;
    const matches = compileGlobs(globs);
    tests.push((facts) => read(facts).some((text) => text !== undefined && matches(text)));
  };
  add(when.namespaces, ({ namespace }) => [namespace]);
  add(when.projects, ({ project }) => [project]);
  add(when.domains, ({ domain }) => [domain]);
  add(when.serviceAccounts, ({ serviceAccount }) => [serviceAccount]);
  // A plugin must not be avoided by leaving out the `data` of a version 2 engine.
  add(when.groups, ({ requests }) => Object.values(requests).flatMap(({ group }) => listReadings(group)));
  for (const [label, globs] of Object.entries(when.labels ?? {})) {
    add(globs, ({ labels }) => [Object.hasOwn(labels, label) ? labels[label] : undefined]);
  }
  return (facts) => tests.every((holds) => holds(facts));
}

/**
 * Checks that the agent can start with the configuration that the injector will write. Linux starts no program with an
 * environment string longer than 128 KiB (`execve(2)`, MAX_ARG_STRLEN): the init container would fail with "argument list too
 * long" on every attempt.
 */
import { measureConfig } from "../../injector/config-size.ts";
import type { IndexedAnnotations } from "../../injector/indexed-annotations.ts";
import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import { DEFAULT_INJECTOR, type InjectorSettings } from "../settings.ts";

/** Size limit of one environment string with its final NUL, in bytes: 32 pages of 4 KiB. */
export const CONFIG_LIMIT = 128 * 1024;

/** Upper bound per character: at most six bytes in JSON (`\u003c`), which base64 turns into eight. */
const MOST_PER_CHARACTER = 8;

/**
 * Whether the configuration could be too long. Most pods are far below the limit, which a sum of lengths already shows.
 *
 * @param units length of all keys and values of the injector's annotations and flags, in UTF-16 units, or more
 */
export function mayBeTooLarge(units: number): boolean {
  return units * MOST_PER_CHARACTER > CONFIG_LIMIT;
}

/** @returns the length of all values of the injector's options, in UTF-16 units */
export function measureFlags({ flags }: InjectorSettings = DEFAULT_INJECTOR): number {
  let units = 0;
  for (const value of Object.values(flags)) units += value.length;
  return units;
}

/** Refuses a pod whose agent could not start. */
export function checkAgentConfig(
  annotations: IndexedAnnotations,
  found: Findings,
  injector: InjectorSettings = DEFAULT_INJECTOR,
): void {
  if (!mayBeTooLarge(annotations.units + measureFlags(injector))) return;
  const bytes = measureConfig(annotations, injector.flags, CONFIG_LIMIT);
  if (bytes <= CONFIG_LIMIT) return;
  // Every secret and every template is a file of the agent, the pod's own included.
  found.report(
    checkIssues["pod.agent-config-too-large"],
    { bytes, limit: CONFIG_LIMIT, files: annotations.declared.size },
    {},
  );
}

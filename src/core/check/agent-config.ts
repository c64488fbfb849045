/**
 * Checks that the agent can start with the configuration that the injector will write. Linux starts no program with an
 * environment string longer than 128 KiB (`execve(2)`, MAX_ARG_STRLEN): the init container would fail with "argument list too
 * long" on every attempt.
 */
import { measureConfig } from "../../injector/config-size.ts";
import { findAnnotation } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";
import { DEFAULT_INJECTOR, type InjectorSettings } from "../settings.ts";

/** Size limit of one environment string with its final NUL, in bytes: 32 pages of 4 KiB. */
export const CONFIG_LIMIT = 128 * 1024;

/** Upper bound per character: at most six bytes in JSON (`\u003c`), which base64 turns into eight. */
const MOST_PER_CHARACTER = 8;

/** Refuses a pod whose agent could not start. Most pods are far below the limit, which a sum of lengths already shows. */
export function checkAgentConfig(
  annotations: ReadonlyMap<string, string>,
  found: Findings,
  { flags }: InjectorSettings = DEFAULT_INJECTOR,
): void {
  let characters = 0;
  for (const value of Object.values(flags)) characters += value.length;
  for (const [key, value] of annotations) characters += key.length + value.length;
  if (characters * MOST_PER_CHARACTER <= CONFIG_LIMIT) return;
  const bytes = measureConfig(annotations, flags, CONFIG_LIMIT);
  if (bytes <= CONFIG_LIMIT) return;
  found.report(
    checkIssues["pod.agent-config-too-large"],
    { bytes, limit: CONFIG_LIMIT, files: countFiles(annotations) },
    {},
  );
}

/** Every secret and every template is a file of the agent, the pod's own included. */
function countFiles(annotations: ReadonlyMap<string, string>): number {
  const ids = new Set<string | undefined>();
  for (const key of annotations.keys()) {
    const found = findAnnotation(key);
    if (found?.entry.name === "agent-inject-secret" || found?.entry.name === "agent-inject-template")
      ids.add(found.suffix);
  }
  return ids.size;
}

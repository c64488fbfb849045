/**
 * Whether the agent can be started with the configuration that the injector will write for it. Linux starts no program with
 * an environment string of more than 128 KiB (`execve(2)`, MAX_ARG_STRLEN): the init container would fail with "argument list
 * too long" each time it is tried.
 */
import { measureConfig } from "../../injector/config-size.ts";
import { findAnnotation } from "../../injector/vocabulary.ts";
import { checkIssues } from "../issue/check.ts";
import type { Findings } from "../issue/findings.ts";

/** Bytes of one environment string with its final NUL: 32 pages of 4 KiB. */
export const CONFIG_LIMIT = 128 * 1024;

/** A character takes at most eight bytes of base64: six in JSON (`\u003c`), and four thirds of them. */
const MOST_PER_CHARACTER = 8;

/** Refuses a pod whose agent could not be started; most are far from the limit, and one sum says so. */
export function checkAgentConfig(annotations: ReadonlyMap<string, string>, found: Findings): void {
  let characters = 0;
  for (const [key, value] of annotations) characters += key.length + value.length;
  if (characters * MOST_PER_CHARACTER <= CONFIG_LIMIT) return;
  const bytes = measureConfig(annotations, CONFIG_LIMIT);
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

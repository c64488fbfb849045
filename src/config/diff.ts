/** Lists the differences between two configurations for the log; values that may be secret are masked. */
import type { Config } from "./schema.ts";
import { toDotted } from "./tree.ts";

/** A value that differs. */
export interface Difference {
  readonly path: string;
  /** The path with the old and the new value. */
  readonly text: string;
  /** Whether the change takes effect only after a restart. */
  readonly needsRestart: boolean;
}

/** Options of plugins may contain secrets, as may values from the environment. */
const MASKED = /^(?:plugins\[\d+\]\.with(?:[.[]|$)|server\.preview\.token$)/;
/** Settings that are read only at the start. */
const AT_START =
  /^(?:webhook\.(?:listenPort|certDir|serviceName)$|server\.(?:admission|management|preview)\.|server\.(?:clientCa|drainSeconds)$|policy\.mode$)/;
const LONGEST_VALUE = 80;

/**
 * Compares two configurations.
 *
 * @param fromEnv paths of values that came from the environment in either of them
 */
export function diffConfigs(before: Config, after: Config, fromEnv: readonly string[] = []): Difference[] {
  const [old, next] = [flatten(before), flatten(after)];
  const isMasked = (path: string) => MASKED.test(path) || fromEnv.includes(path);
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => {
    const [from, to] = [old.get(path), next.get(path)];
    if (from === to || (isNothing(from) && isNothing(to))) return [];
    const text = isMasked(path) ? `${path}: changed` : `${path}: ${shorten(from)} → ${shorten(to)}`;
    return [{ path, text, needsRestart: AT_START.test(path) }];
  });
}

/** Leaves as JSON, by path; empty maps and lists of texts or numbers count as leaves. */
function flatten(config: Config): Map<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    const parts = typeof value === "object" && value !== null ? Object.entries(value) : [];
    const isPlain = Array.isArray(value) && value.every((item) => typeof item !== "object");
    if (parts.length === 0 || isPlain) {
      if (value !== undefined) leaves.set(toDotted(path), JSON.stringify(value));
      return;
    }
    for (const [name, part] of parts) walk(part, [...path, Array.isArray(value) ? Number(name) : name]);
  };
  walk(config, []);
  return leaves;
}

/** An empty map or list says no more than its absence, and gives way to the paths of what is put into it. */
function isNothing(text: string | undefined): boolean {
  return text === undefined || text === "{}" || text === "[]";
}

function shorten(text: string | undefined): string {
  if (text === undefined) return "(none)";
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

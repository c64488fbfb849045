/** Validates the answers of a plugin's hooks. They come from other threads or untyped JavaScript, so they may be anything. */

import type { Issue, Severity } from "../issue/issue.ts";
import { isObject } from "../json.ts";
import { nearest } from "../nearest.ts";
import type { SecretRequest } from "../secret/request.ts";
import { type Hook, PluginError } from "./instance.ts";

/** More annotations are a mistake, and would hardly fit into a pod. */
const MOST_ANNOTATIONS = 1_000;
const MOST_ISSUES = 100;
const LONGEST_TEXT = 1_000;

/** A request's fields and their types. */
const FIELDS: Readonly<Record<keyof SecretRequest, "string" | "number">> = {
  group: "string",
  group_version: "string",
  key: "string",
  mount_requirement: "number",
  env_var: "string",
};
const FIELD_NAMES = Object.keys(FIELDS);

/**
 * Validates an answer of the hook `requests`.
 *
 * @param requests the requests in the plugin's context; it cannot add others
 * @returns the changed requests by annotation key; `null` for one that the plugin drops
 * @throws PluginError `plugin.answer` if the answer is invalid
 */
export function readRequests(
  answer: unknown,
  requests: Readonly<Record<string, SecretRequest>>,
): Map<string, SecretRequest | null> {
  const changed = new Map<string, SecretRequest | null>();
  for (const [annotation, change] of entriesOf(answer, "requests")) {
    const current = Object.hasOwn(requests, annotation) ? requests[annotation] : undefined;
    if (current === undefined) throw garbage("requests", `it adds the request ${quoted(annotation)}`);
    if (change === null) changed.set(annotation, null);
    else if (isObject(change)) changed.set(annotation, { ...current, ...readFields(change) });
    else throw garbage("requests", `${quoted(annotation)} is ${nameOf(change)}, expected an object or null`);
  }
  return changed;
}

/**
 * Validates an answer of the hook `annotations`.
 *
 * @param whyNot returns why a key may not be set, or `undefined` if it may
 * @returns values by key; `null` removes an annotation
 * @throws PluginError `plugin.answer` or `plugin.writes`
 */
export function readAnnotations(
  answer: unknown,
  whyNot: (key: string) => string | undefined,
): Readonly<Record<string, string | null>> {
  const entries = entriesOf(answer, "annotations");
  if (entries.length > MOST_ANNOTATIONS) {
    throw garbage(
      "annotations",
      `it sets ${entries.length} annotations, expected ${MOST_ANNOTATIONS} at most`,
    );
  }
  const read: Record<string, string | null> = {};
  for (const [key, value] of entries) {
    if (typeof value !== "string" && value !== null) {
      throw garbage("annotations", `${quoted(key)} is ${nameOf(value)}, expected a string or null`);
    }
    const reason = whyNot(key);
    if (reason !== undefined) throw new PluginError("plugin.writes", `it sets ${quoted(key)}, ${reason}`);
    read[key] = value;
  }
  return read;
}

/**
 * Validates an answer of the hook `review`.
 *
 * @param plugin the plugin's name, for the issues' codes
 * @returns the issues, at most 100
 * @throws PluginError `plugin.answer`
 */
export function readIssues(answer: unknown, plugin: string): readonly Issue[] {
  if (answer === undefined || answer === null) return [];
  if (!Array.isArray(answer)) throw garbage("review", `it is ${nameOf(answer)}, expected a list of issues`);
  return answer.slice(0, MOST_ISSUES).map((issue: unknown) => readIssue(issue, plugin));
}

const SEVERITIES: ReadonlySet<unknown> = new Set<Severity>(["deny", "error", "warning", "info"]);
const DEFAULT_HELP = "Ask the platform team, which runs this plugin";

function readIssue(issue: unknown, plugin: string): Issue {
  if (!isObject(issue)) throw garbage("review", `an issue is ${nameOf(issue)}, expected an object`);
  const { code, severity, message, help, annotation } = issue;
  if (typeof code !== "string" || !/^[a-z0-9][-a-z0-9.]{0,62}$/.test(code)) {
    throw garbage("review", "an issue's code is not lower-case letters, digits, dashes and dots");
  }
  if (!isSeverity(severity))
    throw garbage("review", "an issue's severity is not deny, error, warning or info");
  if (typeof message !== "string" || message === "") throw garbage("review", "an issue has no message");
  return {
    code: `plugin:${plugin}/${code}`,
    severity,
    message: message.slice(0, LONGEST_TEXT),
    help: typeof help === "string" && help !== "" ? help.slice(0, LONGEST_TEXT) : DEFAULT_HELP,
    ...(typeof annotation === "string" && { annotation }),
  };
}

function isSeverity(value: unknown): value is Severity {
  return SEVERITIES.has(value);
}

/** Reads each field once: a getter must not return a checked value first and another one later. */
function readFields(change: Readonly<Record<string, unknown>>): Partial<SecretRequest> {
  const fields = Object.entries(change);
  for (const [name, value] of fields) {
    const expected = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof SecretRequest] : undefined;
    if (expected === undefined) {
      const near = nearest(name, FIELD_NAMES);
      throw garbage(
        "requests",
        `a request has no field ${quoted(name)}${near ? `; did you mean ${near}?` : ""}`,
      );
    }
    const isRight = expected === "number" ? Number.isInteger(value) : typeof value === "string";
    if (!isRight) {
      const kind = expected === "number" ? "an integer" : "a string";
      throw garbage("requests", `${name} is ${nameOf(value)}, expected ${kind}`);
    }
  }
  return Object.fromEntries(fields);
}

function entriesOf(answer: unknown, hook: Hook): [string, unknown][] {
  if (answer === undefined || answer === null) return [];
  if (!isObject(answer)) throw garbage(hook, `it is ${nameOf(answer)}, expected an object`);
  return Object.entries(answer);
}

function garbage(hook: Hook, reason: string): PluginError {
  return new PluginError("plugin.answer", `cannot use the answer of its hook \`${hook}\`: ${reason}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, LONGEST_TEXT));
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value === undefined) return "undefined";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

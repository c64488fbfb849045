/**
 * From a plugin's module to its hooks: checks the definition, validates the options, calls `setup`. Used in process and in
 * threads; refusals are plain data, so they can cross threads.
 */
import { isObject } from "../../core/json.ts";
import { nearest } from "../../core/nearest.ts";
import type { AnnotationsContext, PodContext } from "../../core/plugin/context.ts";
import { HOOKS } from "../../core/plugin/instance.ts";
import type { SchemaIssue, StandardSchema } from "../../core/plugin/standard-schema.ts";
import { describeThrown } from "../../core/plugin/thrown.ts";
import { listOptionNames } from "../authoring/option-names.ts";

/** Why a plugin cannot be used with an entry's options; plain data, because it may come from a thread. */
export interface Refusal {
  readonly code: "plugin.import" | "plugin.definition" | "plugin.options" | "plugin.setup";
  readonly reason: string;
  /** Of `plugin.options`: dotted path from `with`. */
  readonly path?: string;
  /** Of `plugin.options`: the known option that an unknown one most resembles. */
  readonly nearest?: string | undefined;
}

/** A definition whose shape was checked. */
export interface CheckedDefinition {
  readonly name: string;
  readonly description: string;
  readonly writes: readonly string[];
  readonly options?: StandardSchema | undefined;
  readonly setup: (options: unknown) => unknown;
}

/** What a plugin's `setup` returned. */
export interface Hooks {
  readonly requests?: (context: PodContext) => unknown;
  readonly annotations?: (context: AnnotationsContext) => unknown;
  readonly review?: (context: AnnotationsContext) => unknown;
}

/** A plugin that is ready for an entry, or every reason why it cannot be used. */
export type SetUp =
  | { readonly definition: CheckedDefinition; readonly hooks: Hooks; readonly refusals?: undefined }
  | { readonly refusals: readonly [Refusal, ...Refusal[]] };

/**
 * Sets a plugin up for one entry.
 *
 * @param module the plugin's module, whose default export is its definition
 * @param options the entry's `with`
 */
export async function setUpPlugin(module: unknown, options: unknown): Promise<SetUp> {
  const definition = readDefinition(module);
  if (typeof definition === "string") return refuse("plugin.definition", definition);
  const checked = await checkOptions(definition, options);
  if ("refusals" in checked) return checked;
  let hooks: unknown;
  try {
    hooks = await definition.setup(checked.value);
  } catch (error) {
    return refuse("plugin.setup", describeError(error));
  }
  const reason = whyNoHooks(hooks);
  if (reason !== undefined) return refuse("plugin.setup", reason);
  return { definition, hooks: hooks as Hooks };
}

/**
 * Checks the shape of a definition.
 *
 * @param module a module with a default export
 * @returns the definition, or what is wrong with it
 */
export function readDefinition(module: unknown): CheckedDefinition | string {
  const found: unknown = isObject(module) ? module.default : undefined;
  if (!isObject(found)) return "its module has no default export that is a definition";
  const { name, description, writes, options, setup } = found;
  if (typeof name !== "string" || !/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    return "its `name` is not lower-case words with dashes";
  }
  if (typeof description !== "string" || description === "") return "it has no `description`";
  if (!Array.isArray(writes) || !writes.every((glob) => typeof glob === "string" && glob !== "")) {
    return "its `writes` is not a list of keys";
  }
  if (options !== undefined && !isSchema(options)) return "its `options` is not a Standard Schema";
  if (typeof setup !== "function") return "it has no function `setup`";
  return { name, description, writes, options, setup: (given) => setup(given) };
}

/** @returns the message of whatever foreign code threw, one line of at most 500 characters */
export function describeError(error: unknown): string {
  return describeThrown(error).split("\n")[0]?.slice(0, 500) ?? "";
}

async function checkOptions(
  { options: schema }: CheckedDefinition,
  options: unknown,
): Promise<{ readonly value: unknown } | Extract<SetUp, { refusals: readonly unknown[] }>> {
  if (!schema) {
    if (!isObject(options) || Object.keys(options).length === 0) return { value: {} };
    return refuse("plugin.options", "it takes no options", { path: `with.${Object.keys(options)[0]}` });
  }
  try {
    const result = await schema["~standard"].validate(options);
    if (result.issues === undefined) return { value: result.value };
    const names = listOptionNames(schema);
    // A misspelled option often causes a second issue, the missing one; report the misspelling first.
    const [first, ...rest] = result.issues
      .map((issue) => toRefusal(issue, names))
      .toSorted((a, b) => Number(b.nearest !== undefined) - Number(a.nearest !== undefined));
    return first ? { refusals: [first, ...rest] } : refuse("plugin.options", "its schema does not say why");
  } catch (error) {
    return refuse("plugin.options", describeError(error), { path: "with" });
  }
}

/** Valibot's words for a name that a strict object does not have. */
const UNKNOWN_OPTION = /^Invalid key: Expected never /;

function toRefusal({ message, path = [] }: SchemaIssue, names: readonly string[]): Refusal {
  const keys = path.map((part) => (typeof part === "object" ? part.key : part)).map(String);
  const last = keys.at(-1) ?? "";
  const near = names.includes(last) ? undefined : nearest(last, names);
  const reason = UNKNOWN_OPTION.test(message) ? "unknown option" : message;
  return { code: "plugin.options", reason, path: ["with", ...keys].join("."), nearest: near };
}

function whyNoHooks(hooks: unknown): string | undefined {
  if (!isObject(hooks)) return "its `setup` does not return an object of hooks";
  for (const [name, hook] of Object.entries(hooks)) {
    if (!HOOKS.some((known) => known === name)) {
      const near = nearest(name, HOOKS);
      return `unknown hook ${JSON.stringify(name)}${near ? `; did it mean ${near}?` : ""}`;
    }
    if (hook !== undefined && typeof hook !== "function") return `its hook ${name} is not a function`;
  }
  return undefined;
}

function isSchema(value: unknown): value is StandardSchema {
  const isHolder = (typeof value === "object" && value !== null) || typeof value === "function";
  if (!isHolder || !("~standard" in value)) return false;
  const standard: unknown = value["~standard"];
  return isObject(standard) && typeof standard.validate === "function";
}

function refuse(
  code: Refusal["code"],
  reason: string,
  rest: Partial<Refusal> = {},
): { readonly refusals: readonly [Refusal] } {
  return { refusals: [{ code, reason, ...rest }] };
}

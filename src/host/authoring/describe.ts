/** Descriptions of plugins for `plugins list` and `plugins describe`, without a configuration. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { nearest } from "../../core/nearest.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { BUNDLED, toBundledUrl } from "../plugin/bundled.ts";
import { describeImportError } from "../plugin/import-error.ts";
import { describeError, readDefinition } from "../plugin/setup.ts";
import type { Snapshots } from "../plugin/snapshot.ts";

/** The description of a plugin. */
export interface PluginDescription {
  readonly name: string;
  readonly description: string;
  readonly writes: readonly string[];
  /** The first comment of its file, which explains its options; empty if there is none. */
  readonly about: string;
  readonly options: readonly OptionDescription[];
}

/** One option, as far as its schema reveals it. */
export interface OptionDescription {
  /** Dotted if nested; an option of a variant is named like `method=aws`. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
}

/** @returns the bundled plugins, sorted by name */
export async function describeBundled(): Promise<readonly PluginDescription[]> {
  const described = await Promise.all(BUNDLED.map((name) => describePlugin(name, toBundledUrl(name))));
  return described.flatMap((result) => (result.ok ? [result.value] : []));
}

/**
 * Loads a plugin's definition in this process and describes it.
 *
 * @param use a bundled name or a file
 * @param snapshots where the file is copied to, so that its imports resolve
 * @param cwd folder to which the path of a file is relative
 */
export async function describeUse(
  use: string,
  snapshots: Snapshots,
  cwd: string,
): Promise<Result<PluginDescription>> {
  if (BUNDLED.includes(use)) return describePlugin(use, toBundledUrl(use));
  try {
    const { url, toOriginal, release } = await snapshots.take(resolve(cwd, use));
    const described = await describePlugin(use, url, toOriginal);
    await release();
    return described;
  } catch (error) {
    const near = nearest(use, BUNDLED);
    const facts = { at: PLACE, use, reason: describeError(error), nearest: near };
    return failure([pluginIssues["plugin.not-found"](facts)]);
  }
}

/** The place in issues, which otherwise is a path into the configuration. */
const PLACE = "plugins describe";

async function describePlugin(
  use: string,
  url: string,
  toOriginal: (text: string) => string = (text) => text,
): Promise<Result<PluginDescription>> {
  const place = { at: PLACE, use };
  let module: unknown;
  let text: string;
  try {
    [module, text] = await Promise.all([import(url), readFile(fileURLToPath(url), "utf8")]);
  } catch (error) {
    return failure([
      pluginIssues["plugin.import"]({ ...place, reason: toOriginal(describeImportError(error)) }),
    ]);
  }
  const definition = readDefinition(module);
  if (typeof definition === "string") {
    return failure([pluginIssues["plugin.definition"]({ ...place, reason: definition })]);
  }
  const { name, description, writes, options } = definition;
  return success({ name, description, writes, about: readHead(text), options: describeOptions(options) });
}

/** @returns the options of a valibot schema; empty for schemas of other libraries */
export function describeOptions(schema: unknown, prefix = ""): OptionDescription[] {
  const { inner, isRequired } = unwrap(schema);
  const entries = member(inner, "entries");
  if (isRecord(entries)) {
    return Object.entries(entries).flatMap(([name, option]) => {
      const unwrapped = unwrap(option);
      const own = {
        name: prefix + name,
        type: typeOf(unwrapped.inner),
        isRequired: unwrapped.isRequired && isRequired,
      };
      return [own, ...describeOptions(unwrapped.inner, `${prefix}${name}.`)];
    });
  }
  const variants = member(inner, "options");
  if (!Array.isArray(variants) || !variants.some(isRecord)) return [];
  return joinVariants(variants.map((variant) => describeOptions(variant, prefix)));
}

/** Merges the options of all variants: an option is required if every variant requires it, and has the types of all. */
function joinVariants(variants: readonly (readonly OptionDescription[])[]): OptionDescription[] {
  const names = [...new Set(variants.flatMap((options) => options.map(({ name }) => name)))];
  return names.map((name) => {
    const own = variants.map((options) => options.find((option) => option.name === name));
    const types = new Set(own.flatMap((option) => option?.type.split(" | ") ?? []));
    return { name, type: [...types].join(" | "), isRequired: own.every((option) => option?.isRequired) };
  });
}

/** Removes valibot's wrappers: optional, nullish, pipes. */
function unwrap(schema: unknown): { readonly inner: unknown; readonly isRequired: boolean } {
  const wrapped = member(schema, "wrapped");
  if (wrapped === undefined) return { inner: schema, isRequired: true };
  return { inner: unwrap(wrapped).inner, isRequired: false };
}

function typeOf(schema: unknown): string {
  const values = member(schema, "options");
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return values.join(" | ");
  if (Array.isArray(values) && member(schema, "type") === "union")
    return [...new Set(values.map((value) => typeOf(unwrap(value).inner)))].join(" | ");
  const literal = member(schema, "literal");
  if (literal !== undefined) return String(literal);
  const type = member(schema, "type");
  return TYPES.get(String(type)) ?? String(type);
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ["strict_object", "map"],
  ["object", "map"],
  ["record", "map"],
  ["array", "list"],
  ["variant", "one of several"],
]);

/** The first comment of a file, without asterisks. */
function readHead(text: string): string {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .trim();
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

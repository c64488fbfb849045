/**
 * The configuration, from text or object to a `Config`: read, pick the sections, merge, substitute variables, validate,
 * check the rules. Pure: files are read in load.ts. Every issue is reported, with its place in the text.
 */
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, isNonEmpty, type NonEmpty, type Result, success } from "../core/result.ts";
import { pickDocuments } from "./documents.ts";
import { type Env, substituteEnv } from "./env.ts";
import { mergeMaps } from "./merge.ts";
import { type ConfigSource, readSource } from "./read.ts";
import { checkRules } from "./rules.ts";
import type { Config } from "./schema.ts";
import { pickSections } from "./sections.ts";
import { at, type Dictionary, describe, EMPTY, find, type Tree } from "./tree.ts";
import { validate } from "./validate.ts";

/** Names of foreign sections that a message shows. */
const MOST_NAMES = 5;

/** What a parse may be told besides the text. */
export interface ParseOptions {
  /** Variables for `${env:NAME}`; none by default. */
  readonly env?: Env;
  /** Name of the file, for messages. */
  readonly file?: string;
}

/** A configuration, and which of several files its plugin list is from: their paths are relative to it. */
export interface Parsed {
  readonly config: Config;
  readonly pluginsFile: string | undefined;
  /** Where the configuration's annotations stand, by key: `FILE:LINE:COLUMN: `. */
  readonly places: Readonly<Record<string, string>>;
  /** Dotted paths of values that came from the environment, which are not to be shown. */
  readonly fromEnv: readonly string[];
}

/**
 * Parses one configuration.
 *
 * @param textOrObject YAML or JSON text, or what it would be once parsed; an empty one is all defaults
 * @returns the configuration and what is worth telling, or every reason why there is none
 * @example
 * parseConfig("webhook: { vaultSecretManager: { role: flyte-role } }");
 */
export function parseConfig(textOrObject: string | object, options: ParseOptions = {}): Result<Config> {
  const parsed = parseSources([{ content: textOrObject, file: options.file }], options.env);
  return parsed.ok ? success(parsed.value.config, parsed.issues) : parsed;
}

/**
 * Parses several configurations, the documents of each, as one: later ones win.
 *
 * @param env variables for `${env:NAME}`
 * @param isPartial whether files are missing that could not be read: then nothing is concluded from what is not there
 */
export function parseSources(
  sources: readonly ConfigSource[],
  env: Env = {},
  isPartial = false,
): Result<Parsed> {
  const found: Issue[] = [];
  const documents = sources.flatMap((source) => pickDocuments(readDocuments(source, found), found));
  const merged = documents.map((document) => pickSections(document, found)).reduce(mergeMaps, EMPTY);
  if (!isPartial && errorsOf(found).length === 0) noteNothing(sources, documents, merged, found);
  const { tree, issues, paths: fromEnv } = substituteEnv(merged, env);
  found.push(...issues);
  const validated = validate(tree);
  const told = errorsOf(found).map(({ path }) => path ?? "");
  found.push(...validated.issues.filter(({ path = "" }) => !told.some((above) => isWithin(path, above))));
  if (validated.ok) found.push(...checkRules(validated.value, tree));

  if (isNonEmpty(errorsOf(found)) && isNonEmpty(found)) return failure(worstFirst(found));
  if (!validated.ok) return validated;
  const pluginsFile = find(tree, ["plugins"]).place?.file;
  return success({ config: validated.value, pluginsFile, places: listPlaces(tree), fromEnv }, found);
}

function listPlaces(tree: Tree): Record<string, string> {
  const annotations = find(tree, ["webhook", "vaultSecretManager", "annotations"]).tree;
  if (annotations?.kind !== "map") return {};
  return Object.fromEntries([...annotations.entries].map(([key, { place }]) => [key, at(place)]));
}

function readDocuments(source: ConfigSource, found: Issue[]): Dictionary[] {
  const read = readSource(source);
  found.push(...read.issues);
  if (!read.ok) return [];
  if (source.isFile && read.value.length === 0)
    found.push(configIssues["config.empty"]({ file: source.file ?? "" }, { path: source.file ?? "" }));
  return read.value.filter((document): document is Dictionary => {
    if (document.kind === "map") return true;
    found.push(notMap(document));
    return false;
  });
}

/** Files without a section would mean the defaults, which nobody who hands over files wants without saying so. */
function noteNothing(
  sources: readonly ConfigSource[],
  documents: readonly Dictionary[],
  { entries }: Dictionary,
  found: Issue[],
): void {
  const files = sources.filter(({ isFile }) => isFile).map(({ file = "" }) => file);
  if (files.length === 0 || entries.size > 0) return;
  const names = documents.flatMap((document) => [...document.entries.keys()]).slice(0, MOST_NAMES);
  found.push(configIssues["config.nothing"]({ files: files.join(", "), names: names.join(", ") }));
}

function notMap(document: Tree): Issue {
  return configIssues["config.not-map"]({ at: at(document.place), got: describe(document) });
}

function errorsOf(issues: readonly Issue[]): Issue[] {
  return issues.filter(({ severity }) => severity === "error" || severity === "deny");
}

// What is wrong within a part that is wrong as a whole is its echo.
function isWithin(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
}

function worstFirst(issues: NonEmpty<Issue>): NonEmpty<Issue> {
  const rest = issues.filter(({ severity }) => severity !== "error" && severity !== "deny");
  const sorted = [...errorsOf(issues), ...rest];
  return isNonEmpty(sorted) ? sorted : issues;
}

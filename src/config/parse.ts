/**
 * From text or object to a `Config`: read, pick the sections, merge, substitute variables, validate, check the rules. Pure:
 * files are read in load.ts. Every issue is reported, with its position in the text.
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

/** How many names of foreign sections a message shows. */
const MOST_NAMES = 5;

/** Options of a parse. */
export interface ParseOptions {
  /** Variables for `${env:NAME}`; none by default. */
  readonly env?: Env;
  /** Name of the file, for messages. */
  readonly file?: string;
}

/** A configuration, with facts about its files. */
export interface Parsed {
  readonly config: Config;
  readonly pluginsFile: string | undefined;
  /** Positions of the configuration's annotations, by key, as `FILE:LINE:COLUMN: `. */
  readonly places: Readonly<Record<string, string>>;
  /** Dotted paths of values from the environment, which must not be shown. */
  readonly fromEnv: readonly string[];
}

/**
 * Parses one configuration.
 *
 * @param textOrObject YAML or JSON text, or the parsed object; an empty one means all defaults
 * @returns the configuration with its warnings, or every error
 * @example
 * parseConfig("webhook: { vaultSecretManager: { role: flyte-role } }");
 */
export function parseConfig(textOrObject: string | object, options: ParseOptions = {}): Result<Config> {
  const parsed = parseSources([{ content: textOrObject, file: options.file }], options.env);
  return parsed.ok ? success(parsed.value.config, parsed.issues) : parsed;
}

/**
 * Parses several sources with all their documents into one configuration; later ones win.
 *
 * @param env variables for `${env:NAME}`
 * @param isPartial whether some files could not be read; then an absent section is not reported
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
  for (const issue of issues) found.push(issue);
  const validated = validate(tree);
  const above = new Set(errorsOf(found).map(({ path }) => path ?? ""));
  const own = validated.issues.filter(({ path = "" }) => !isWithin(path, above));
  for (const issue of own) found.push(issue);
  if (validated.ok) for (const issue of checkRules(validated.value, tree)) found.push(issue);

  if (isNonEmpty(errorsOf(found)) && isNonEmpty(found)) return failure(limitIssues(worstFirst(found)));
  if (!validated.ok) return validated;
  const pluginsFile = find(tree, ["plugins"]).place?.file;
  const reported = isNonEmpty(found) ? limitIssues(found) : found;
  return success({ config: validated.value, pluginsFile, places: listPlaces(tree), fromEnv }, reported);
}

function listPlaces(tree: Tree): Record<string, string> {
  const annotations = find(tree, ["webhook", "vaultSecretManager", "annotations"]).tree;
  if (annotations?.kind !== "map") return {};
  return Object.fromEntries([...annotations.entries].map(([key, { place }]) => [key, at(place)]));
}

function readDocuments(source: ConfigSource, found: Issue[]): Dictionary[] {
  const read = readSource(source);
  for (const issue of read.issues) found.push(issue);
  if (!read.ok) return [];
  if (source.isFile && read.value.length === 0)
    found.push(configIssues["config.empty"]({ file: source.file ?? "" }, { path: source.file ?? "" }));
  return read.value.filter((document): document is Dictionary => {
    if (document.kind === "map") return true;
    found.push(notMap(document));
    return false;
  });
}

/** Refuses files without any section: the defaults would apply, which is hardly intended by someone who passes files. */
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

/** Whether a part or one that it is in is reported already: an issue inside of it is only a consequence. */
function isWithin(path: string, above: ReadonlySet<string>): boolean {
  if (above.has(path)) return true;
  for (let end = 0; end < path.length; end++) {
    if ((path[end] === "." || path[end] === "[") && above.has(path.slice(0, end))) return true;
  }
  return false;
}

/** Most issues that are reported: a file of 1 MiB may have some 100,000, each many times as long as what it is about. */
const MOST_ISSUES = 100;

function limitIssues([first, ...rest]: NonEmpty<Issue>): NonEmpty<Issue> {
  const more = rest.length + 1 - MOST_ISSUES;
  if (more <= 0) return [first, ...rest];
  return [first, ...rest.slice(0, MOST_ISSUES - 1), configIssues["config.more-issues"]({ more })];
}

function worstFirst(issues: NonEmpty<Issue>): NonEmpty<Issue> {
  const rest = issues.filter(({ severity }) => severity !== "error" && severity !== "deny");
  const sorted = [...errorsOf(issues), ...rest];
  return isNonEmpty(sorted) ? sorted : issues;
}

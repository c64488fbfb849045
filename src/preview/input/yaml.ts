/** Parses YAML as `kubectl` does (sigs.k8s.io/yaml, which is YAML 1.1): `0644` is octal, `yes` is true. */
import {
  Composer,
  type Document,
  isScalar,
  LineCounter,
  type SchemaOptions,
  visit,
  type YAMLMap,
} from "yaml";
import type { Issue } from "../../core/issue/issue.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { OCTAL } from "../../core/yaml.ts";
import { MAX_DOCUMENTS, scanYaml, toPosition } from "./scan.ts";

/** Most aliases in a document. Resolving each one takes a pass over the document. */
const MAX_ALIASES = 200;

/** Types of YAML 1.1 that JSON does not have; their values are read as if they had no tag. */
const FOREIGN_TAGS: ReadonlySet<string> = new Set(
  ["timestamp", "binary", "omap", "pairs", "set"].map((name) => `tag:yaml.org,2002:${name}`),
);

const READING: SchemaOptions = {
  schema: "yaml-1.1",
  resolveKnownTags: false,
  customTags: (tags) => [OCTAL, ...tags.filter((tag) => typeof tag === "string" || !isForeign(tag))],
};

/** @returns the documents in order, empty ones as `null`, or all problems found */
export function parseYaml(source: string): Result<readonly unknown[]> {
  try {
    return composeYaml(source);
  } catch (error) {
    // The library throws if it cannot resolve something, such as a missing anchor or the merge of a value that is not a map.
    const reason = error instanceof Error ? error.message : String(error);
    return failure([previewIssues["preview.unresolved"]({ reason })]);
  }
}

function composeYaml(source: string): Result<readonly unknown[]> {
  const lines = new LineCounter();
  const tokens = scanYaml(source, lines);
  if (!tokens.ok) return tokens;
  // The library's check for unique keys is quadratic, so `findDuplicates` does it.
  const composer = new Composer({ ...READING, prettyErrors: false, logLevel: "error", uniqueKeys: false });
  const documents: unknown[] = [];
  const issues: Issue[] = [];
  for (const document of composer.compose(tokens.value, true, source.length)) {
    if (documents.length === MAX_DOCUMENTS) {
      return failure([previewIssues["preview.too-many-documents"]({ limit: MAX_DOCUMENTS })]);
    }
    const found = inspectDocument(document, lines);
    issues.push(...found);
    documents.push(found.length > 0 ? null : document.toJS({ maxAliasCount: MAX_ALIASES }));
  }
  return isNonEmpty(issues) ? failure(issues) : success(documents);
}

function inspectDocument(document: Document.Parsed, lines: LineCounter): Issue[] {
  const [error] = document.errors;
  if (error) {
    // Later errors of a document are mostly consequences of the first one.
    return [previewIssues["preview.syntax"]({ ...toPosition(error.pos[0], lines), reason: error.message })];
  }
  const issues: Issue[] = [];
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases++;
    },
    Map: (_, map) => {
      issues.push(...findDuplicates(map, lines));
    },
  });
  if (aliases > MAX_ALIASES) issues.push(previewIssues["preview.too-many-aliases"]({ limit: MAX_ALIASES }));
  return issues;
}

function findDuplicates(map: YAMLMap, lines: LineCounter): Issue[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key) || isMerge(key.value)) return [];
    const name = String(key.value);
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [previewIssues["preview.duplicate-key"]({ ...toPosition(key.range?.[0] ?? 0, lines), key: name })];
  });
}

/** The merge key may occur several times in a map. */
function isMerge(key: unknown): boolean {
  return key === "<<" || typeof key === "symbol";
}

/** Go also reads base-60 numbers such as `1:30` as strings. */
function isForeign(tag: { readonly tag: string; readonly format?: string }): boolean {
  return FOREIGN_TAGS.has(tag.tag) || tag.format === "TIME";
}

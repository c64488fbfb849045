/** First step of a preview: text in, documents out. JSON and YAML alike. */
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { findExcess } from "./measure.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Parses text as one JSON document or as any number of YAML documents.
 *
 * @returns the documents in order, empty ones left out; at least one
 */
export function parseDocuments(text: string): Result<readonly unknown[]> {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const parsed = parseJson(source) ?? parseYaml(source);
  if (!parsed.ok) return parsed;
  const documents = parsed.value.filter((document) => document !== null && document !== undefined);
  if (documents.length === 0) return failure([previewIssues["preview.empty"]({})]);
  const excess = findExcess(documents);
  return excess ? failure([excess]) : success(documents);
}

/** @returns nothing where the text is no JSON: flow YAML begins alike, and YAML's parser says where it goes wrong. */
function parseJson(source: string): Result<readonly unknown[]> | undefined {
  if (!/^\s*[{[]/.test(source)) return undefined;
  try {
    return success([JSON.parse(source)]);
  } catch {
    return undefined;
  }
}

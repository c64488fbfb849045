/** First step of a preview: JSON or YAML text → documents. */
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { findExcess } from "./measure.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Parses text as one JSON document or as any number of YAML documents.
 *
 * @returns at least one document, in order, without empty ones; or all problems found
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

/** @returns `undefined` if the text is not JSON: it may be YAML in flow style, and the YAML parser reports positions */
function parseJson(source: string): Result<readonly unknown[]> | undefined {
  if (!/^\s*[{[]/.test(source)) return undefined;
  try {
    return success([JSON.parse(source)]);
  } catch {
    return undefined;
  }
}

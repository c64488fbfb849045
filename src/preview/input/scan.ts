/**
 * Parses YAML text into syntax trees, one for each document, and stops at limits and at the first error: the library collects
 * every error and recurses over its trees, so a hostile text of 1 MiB could block the process for seconds.
 */
import { type CST, Lexer, type LineCounter, Parser } from "yaml";
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, type Result, success } from "../../core/result.ts";
import { MAX_DEPTH } from "./measure.ts";

/** Most documents. There may be more documents than pods, as in a rendered Helm chart. */
export const MAX_DOCUMENTS = 1_000;

/** Most tokens (words, blanks, punctuation); a dense manifest of 1 MiB has about 300,000. */
const MAX_LEXEMES = 500_000;

/**
 * Scans text up to its end or its first error.
 *
 * @param lines receives the start offset of each line
 */
export function scanYaml(source: string, lines: LineCounter): Result<readonly CST.Token[]> {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let starts = 0;
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(source)) {
    if (++lexemes > MAX_LEXEMES)
      return failure([previewIssues["preview.too-complex"]({ limit: MAX_LEXEMES })]);
    for (const token of parser.next(lexeme)) {
      if (token.type === "error") return failSyntax(token, lines);
      if (token.type === "document" || token.type === "directive") starts++;
      tokens.push(token);
    }
    if (parser.stack.length > MAX_DEPTH)
      return failure([previewIssues["preview.too-deep"]({ limit: MAX_DEPTH })]);
    if (starts > MAX_DOCUMENTS) {
      return failure([previewIssues["preview.too-many-documents"]({ limit: MAX_DOCUMENTS })]);
    }
  }
  for (const token of parser.end()) {
    if (token.type === "error") return failSyntax(token, lines);
    tokens.push(token);
  }
  return success(tokens);
}

/** @returns line and column of an offset, counted from 1 */
export function toPosition(offset: number, lines: LineCounter): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function failSyntax(token: CST.ErrorToken, lines: LineCounter): Result<never> {
  return failure([
    previewIssues["preview.syntax"]({ ...toPosition(token.offset, lines), reason: token.message }),
  ]);
}

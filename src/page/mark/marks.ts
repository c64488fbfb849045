/** What the editor shows beside the text: issues at their lines, and what an encoded request asks for. */

import { escapeControls } from "../../core/printable.ts";
import { decodeRequest } from "../../core/secret/codec.ts";
import type { Issue, Result, Severity } from "../answer.ts";
import type { ReadyInput } from "../input/read.ts";
import { type Fix, toFix } from "./fix.ts";
import { createFinder, findConfigSpan, type TextSpan } from "./locate.ts";

/** An issue with its place. */
export interface Mark {
  readonly issue: Issue;
  /** Absent where the text has no place for it. */
  readonly place?: TextSpan | undefined;
  readonly fix?: Fix | undefined;
}

const ORDER: Readonly<Record<Severity, number>> = { deny: 0, error: 1, warning: 2, info: 3 };

/** @returns the issues of one result, worst first, with their places and corrections */
export function markResult(input: ReadyInput, results: readonly Result[], index: number): Mark[] {
  const target = input.targets[index];
  const find = createFinder(input);
  return (results[index]?.issues ?? [])
    .map((issue) => {
      const place = target && find(issue, target);
      return { issue, place, fix: toFix(issue, place, target) };
    })
    .sort((a, b) => ORDER[a.issue.severity] - ORDER[b.issue.severity]);
}

const POSITION = /\b(?:line )?(\d+):(\d+)\b|\bline (\d+)(?:,? column (\d+))?/;

/** @returns the issues of a text that cannot be read, which say line and column in words */
export function markText(text: string, issues: readonly Issue[]): Mark[] {
  return issues.map((given) => {
    // The page links the line, and the text has no file.
    const issue = { ...given, message: given.message.replace(/^config:\d+:\d+: /, "") };
    const place = findByPath(text, given) ?? findByWords(given);
    return { issue, place, fix: toFix(issue, place, undefined) };
  });
}

function findByPath(text: string, { path }: Issue): TextSpan | undefined {
  if (path === undefined || path === "") return undefined;
  const dotted = path.startsWith("/") ? path.slice(1).replaceAll("/", ".").replaceAll("~1", "/") : path;
  return findConfigSpan(text, dotted);
}

function findByWords({ message }: Issue): TextSpan | undefined {
  const found = POSITION.exec(message);
  if (!found) return undefined;
  return { line: Number(found[1] ?? found[3]), column: Number(found[2] ?? found[4] ?? 1), length: 0 };
}

/** What an encoded request asks for, at its line. */
export interface Hint {
  readonly line: number;
  readonly text: string;
  /** Columns from 0 of the part of the value that tells a person nothing, and is shown as `…`. */
  readonly hidden: { readonly from: number; readonly to: number };
}

const REQUEST_LINE = /^\s*["']?(flyte\.secrets\/s[^\s"':]*)["']?\s*:\s*["']?([a-z1-6]+)["']?\s*$/;
const LONGEST_HINT = 80;
/** Characters of an encoded request that are enough to tell it from others. */
const SHOWN_VALUE = 16;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** @returns a hint for every line with a request that can be decoded */
export function hintRequests(text: string): Hint[] {
  return text.split("\n").flatMap((line, i) => {
    const [, annotation, value] = line.length > 10_000 ? [] : (REQUEST_LINE.exec(line) ?? []);
    if (annotation === undefined || value === undefined) return [];
    const request = decodeRequest(value, annotation, decodeUtf8);
    if ("code" in request) return [];
    const parts = [request.group, request.key, request.group_version, request.env_var].filter(
      (part) => part !== "",
    );
    if (parts.length === 0) return [];
    const start = line.lastIndexOf(value);
    const hidden = { from: start + Math.min(SHOWN_VALUE, value.length), to: start + value.length };
    return [{ line: i + 1, text: escapeControls(parts.join(" · ")).slice(0, LONGEST_HINT), hidden }];
  });
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

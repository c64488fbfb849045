/**
 * From what was typed to what is sent: the text is read as the server will read it, so that a slip is shown without asking,
 * and so that every result can be traced to its lines.
 */
import { isObject, type JsonObject } from "../../core/json.ts";
import { REQUEST_PREFIX } from "../../core/secret/request.ts";
import { renderYaml } from "../../core/yaml.ts";
import { collectPreviewInput, type PreviewTarget } from "../../preview/input/input.ts";
import { parseDocuments } from "../../preview/input/parse.ts";
import type { Issue } from "../answer.ts";
import { type Inputs, subjectOf } from "./inputs.ts";
import { applyWhatIf } from "./what-if.ts";

/** A document of the plain form: the pod in `documents` was made from it. */
interface PlainDocument {
  /** The number in the annotation of its first secret; the others follow. */
  readonly firstSecret: number;
}

/** A text that can be previewed. */
export interface ReadyInput {
  readonly kind: "ready";
  readonly text: string;
  /** As given, without the answers to "what if"; of a plain form, the pod that was made from it. */
  readonly documents: readonly unknown[];
  readonly targets: readonly PreviewTarget[];
  /** By index of the document; absent for documents that are not of the plain form. */
  readonly plain: ReadonlyMap<number, PlainDocument>;
  /** What `POST /preview` is sent. */
  readonly body: string;
}

/** What was typed, read. */
export type Reading =
  | { readonly kind: "empty" }
  | { readonly kind: "unreadable"; readonly text: string; readonly issues: readonly Issue[] }
  | ReadyInput;

const encoder = new TextEncoder();
const encodeUtf8 = (text: string) => encoder.encode(text);

/** Reads what was typed; never throws. */
export function readInputs(inputs: Inputs): Reading {
  const text = subjectOf(inputs);
  if (text.trim() === "") return { kind: "empty" };
  const parsed = parseDocuments(text);
  if (!parsed.ok) return { kind: "unreadable", text, issues: parsed.issues };
  const input = collectPreviewInput(parsed.value, { encodeUtf8 });
  if (!input.ok) return { kind: "unreadable", text, issues: input.issues };
  const { documents, targets } = input.value;
  const plain = new Map(
    parsed.value.flatMap((given, i) => (isPlain(given) ? [[i, toPlain(given, documents[i])] as const] : [])),
  );
  return { kind: "ready", text, documents, targets, plain, body: toBody(inputs, documents, targets) };
}

function isPlain(document: unknown): document is JsonObject {
  return isObject(document) && document.kind === undefined && document.apiVersion === undefined;
}

/** The secrets of a plain form are numbered on from those that its pod has. */
function toPlain(form: JsonObject, made: unknown): PlainDocument {
  const metadata = isObject(made) && isObject(made.metadata) ? made.metadata : {};
  const annotations = isObject(metadata.annotations) ? Object.keys(metadata.annotations) : [];
  const numbers = annotations
    .filter((key) => key.startsWith(REQUEST_PREFIX))
    .map((key) => Number(key.slice(REQUEST_PREFIX.length)))
    .filter(Number.isInteger);
  const added = Array.isArray(form.secrets) ? form.secrets.length : 0;
  return { firstSecret: Math.max(-1, ...numbers) + 1 - added };
}

/** The text itself where nothing is added to it: then the server reads, and reports, exactly what was typed. */
function toBody(inputs: Inputs, documents: readonly unknown[], targets: readonly PreviewTarget[]): string {
  const hasAnswers = Object.values(inputs.whatIf).some((answer) => answer.trim() !== "");
  const hasConfig = inputs.config.trim() !== "";
  if (!hasAnswers && !hasConfig) return subjectOf(inputs);
  const changed = hasAnswers ? applyWhatIf(documents, targets, inputs.whatIf) : documents;
  return renderYaml(hasConfig ? [...changed, { config: inputs.config }] : changed);
}

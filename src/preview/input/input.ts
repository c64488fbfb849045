/**
 * A preview's input: text in; the documents, and the pods in them to review, out.
 * JSON or YAML; Kubernetes objects, AdmissionReviews, lists of them, or the plain form.
 */

import { previewIssues } from "../../core/issue/preview.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { getByPointer } from "../../core/patch/pointer.ts";
import type { Ports } from "../../core/ports.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { findExcess } from "./measure.ts";
import { parseDocuments } from "./parse.ts";
import { isConfigDocument, parsePlainForm, resemblesPlainForm } from "./plain.ts";
import { buildPod } from "./plain-pod.ts";
import {
  collectTargets,
  type Findings,
  MAX_TARGETS,
  type PreviewTarget,
  reportOthers,
  type Site,
} from "./target.ts";

export type { PreviewTarget } from "./target.ts";

/** An input that can be previewed. */
export interface PreviewInput {
  /** The documents as given, which the patches apply to; of the plain form, the pod that was made from it. */
  readonly documents: readonly unknown[];
  /** What to review, in input order; at least one. */
  readonly targets: readonly PreviewTarget[];
  /** The plain form's candidate configuration, not yet looked at. */
  readonly config?: unknown;
}

/** What a reading may be told besides the text. */
export interface InputOptions extends Pick<Ports, "encodeUtf8"> {
  /** Namespace of objects that name none; `default` where it is absent. */
  readonly namespace?: string | undefined;
  /** Whether a text without any pod is good as well, as one file among several is. */
  readonly mayBePodless?: boolean | undefined;
}

/** Nobody reads more, and a hostile input could ask for a hundred thousand. */
const MAX_ISSUES = 100;

/** What was read so far. */
interface Reading extends Findings {
  readonly documents: unknown[];
  readonly configs: unknown[];
}

/**
 * Reads the input of a preview. Objects without pods are passed over as long as there is something to review.
 *
 * @param text JSON, or any number of YAML documents
 * @returns what to review, or everything that is wrong; never throws
 * @example
 * const encodeUtf8 = (text: string) => new TextEncoder().encode(text);
 * const input = readPreviewInput("secrets: [{ group: secret/data/team, key: api_key }]", { encodeUtf8 });
 * input.ok; // true
 */
export function readPreviewInput(text: string, options: InputOptions): Result<PreviewInput> {
  const parsed = parseDocuments(text);
  if (parsed.ok) return collectPreviewInput(parsed.value, options);
  const isEmpty = parsed.issues.every(({ code }) => code === "preview.empty");
  return isEmpty && options.mayBePodless ? success({ documents: [], targets: [] }) : parsed;
}

/** Does as {@link readPreviewInput} does, with documents that are parsed already. */
export function collectPreviewInput(given: readonly unknown[], options: InputOptions): Result<PreviewInput> {
  const read: Reading = { documents: [], targets: [], issues: [], others: [], configs: [] };
  for (const document of given) readDocument(document, read, options);
  const { documents, targets, issues, others, configs } = read;
  if (targets.length > MAX_TARGETS) {
    return failure([previewIssues["preview.too-many-objects"]({ limit: MAX_TARGETS })]);
  }
  if (configs.length > 1) issues.push(previewIssues["preview.config-twice"]({}));
  const isPodless = targets.length === 0 && options.mayBePodless !== true;
  if (isPodless && issues.length === 0) issues.push(...reportOthers(others.slice(0, MAX_ISSUES), true));
  const told = issues.slice(0, MAX_ISSUES);
  if (isNonEmpty(told)) return failure(told);
  if (isPodless) return failure([previewIssues["preview.list-empty"]({})]);
  // Every result is answered with its whole object.
  const excess = findExcess(targets.map(({ document, owner }) => getByPointer(documents[document], owner)));
  if (excess) return failure([excess]);
  const [config] = configs;
  return success(
    { documents, targets, ...(config !== undefined && { config }) },
    reportOthers(others.slice(0, MAX_ISSUES), false),
  );
}

function readDocument(document: unknown, read: Reading, { encodeUtf8, namespace }: InputOptions): void {
  const site: Site = { document: read.documents.length, pointer: "", namespace: namespace ?? "default" };
  if (isConfigDocument(document)) {
    read.documents.push(document);
    read.configs.push(document.config);
    return;
  }
  if (isObject(document) && document.kind === undefined && document.apiVersion === undefined) {
    read.documents.push(readPlainForm(document, site, read, encodeUtf8));
    return;
  }
  read.documents.push(document);
  if (Array.isArray(document)) {
    document.forEach((item: unknown, index) => {
      collectTargets(item, { ...site, pointer: `/${index}` }, read);
    });
  } else collectTargets(document, site, read);
}

function readPlainForm(
  object: JsonObject,
  site: Site,
  read: Reading,
  encodeUtf8: Ports["encodeUtf8"],
): unknown {
  if (!resemblesPlainForm(object)) {
    read.issues.push(previewIssues["preview.kind-missing"]({}));
    return object;
  }
  const form = parsePlainForm(object, "");
  if (!form.ok) {
    read.issues.push(...form.issues);
    return object;
  }
  const pod = buildPod(form.value, encodeUtf8);
  if (form.value.config !== undefined) read.configs.push(form.value.config);
  collectTargets(pod, site, read);
  return pod;
}

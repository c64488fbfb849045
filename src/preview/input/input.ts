/**
 * Reads the input of a preview: text → documents and the pods in them. The text is JSON or YAML with Kubernetes objects,
 * AdmissionReviews, lists of them, or the plain form.
 */

import { previewIssues } from "../../core/issue/preview.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { getByPointer } from "../../core/patch/pointer.ts";
import type { Ports } from "../../core/ports.ts";
import { failure, isNonEmpty, type Result, success } from "../../core/result.ts";
import { findExcess } from "./measure.ts";
import { parseDocuments } from "./parse.ts";
import { isConfigDocument, parsePlainForm, resemblesConfig, resemblesPlainForm } from "./plain.ts";
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
  /** The given documents, to which the patches apply; for the plain form, the pod made from it. */
  readonly documents: readonly unknown[];
  /** The pods to review, in input order; at least one, unless `mayBePodless` is set. */
  readonly targets: readonly PreviewTarget[];
  /** The plain form's candidate configuration, not validated yet. */
  readonly config?: unknown;
}

/** Options for reading an input. */
export interface InputOptions extends Pick<Ports, "encodeUtf8"> {
  /** Namespace for objects that name none; `default` if absent. */
  readonly namespace?: string | undefined;
  /** Whether a text without pods is accepted, such as one file of several. */
  readonly mayBePodless?: boolean | undefined;
}

/** Most issues to report. A hostile input could cause a hundred thousand. */
const MAX_ISSUES = 100;

/** The result of reading so far. */
interface Reading extends Findings {
  readonly documents: unknown[];
  readonly configs: unknown[];
}

/**
 * Reads the input of a preview. Objects without pods are skipped if there is at least one pod.
 *
 * @param text JSON, or any number of YAML documents
 * @returns the documents and pods, or all problems found; never throws
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

/** @returns the same as {@link readPreviewInput}, for documents that are already parsed */
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
  const reported = issues.slice(0, MAX_ISSUES);
  if (isNonEmpty(reported)) return failure(reported);
  if (isPodless) return failure([previewIssues["preview.list-empty"]({})]);
  // Each result of the answer contains its whole object, so the answer can be much larger than the input.
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
  if (resemblesConfig(object)) {
    read.issues.push(previewIssues["preview.config-bare"]({ names: Object.keys(object).join(", ") }));
    return object;
  }
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

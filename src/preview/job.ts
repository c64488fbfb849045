/** Runs one preview: reads the documents, reviews each pod, renders the answer. */
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import type { Ports } from "../core/ports.ts";
import type { NonEmpty, Result } from "../core/result.ts";
import { previewDocuments } from "./answer.ts";
import { readPreviewInput } from "./input/input.ts";
import { type PreviewFormat, renderPreview } from "./output/format.ts";
import type { Previewed } from "./output/previewed.ts";

/** The input of a preview. */
export interface PreviewOrder {
  /** The documents as text in UTF-8. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly format: PreviewFormat;
  /** Whether the sender may include a candidate configuration. */
  readonly trusted: boolean;
}

/** The result of a preview. */
export type PreviewReply =
  /** The rendered answer; bytes of UTF-8 if another thread has encoded it. */
  | { readonly kind: "answered"; readonly body: string | Uint8Array<ArrayBuffer> }
  /** The documents or the candidate configuration cannot be used. */
  | { readonly kind: "unreadable"; readonly issues: NonEmpty<Issue> }
  /** Some objects would be refused, and the format is all or nothing. */
  | {
      readonly kind: "refused";
      readonly refused: number;
      readonly total: number;
      readonly issues: readonly Issue[];
    }
  /** The sender may not include a candidate configuration, but did. */
  | { readonly kind: "untrusted" }
  /** The engine for previews cannot be built, although the same one serves admissions. */
  | { readonly kind: "broken"; readonly issues: NonEmpty<Issue> }
  /** The preview was stopped because of its time limit or the memory of the process. */
  | { readonly kind: "stopped"; readonly cause: "time" | "memory" };

/**
 * Runs one preview. Rejects only for a defect.
 *
 * @param signal aborts when the reply is no longer needed
 */
export type MakePreview = (order: PreviewOrder, signal?: AbortSignal) => Promise<PreviewReply>;

/** An engine for one preview. */
interface Borrowed {
  readonly engine: Engine;
  /** Releases the engine; must be called when the preview is over. */
  readonly giveBack: () => Promise<void>;
}

/** The functions that a preview needs from outside. */
export interface PreviewPorts extends Pick<Ports, "encodeUtf8"> {
  /** Decodes UTF-8; invalid bytes become U+FFFD. */
  readonly decode: (body: Uint8Array<ArrayBuffer>) => string;
  /** Lends the engine that serves admissions. */
  readonly borrow: () => Promise<Result<Borrowed>>;
  /** Builds an engine from a candidate configuration. */
  readonly borrowCandidate: (config: unknown) => Promise<Result<Borrowed>>;
  /** Awaited between two objects, to let other work of the thread run. */
  readonly yieldControl: () => Promise<void>;
}

/** @returns a function that runs previews in this thread */
export function createPreviewMaker(ports: PreviewPorts): MakePreview {
  return async ({ body, format, trusted }) => {
    const input = readPreviewInput(ports.decode(body), ports);
    if (!input.ok) return { kind: "unreadable", issues: input.issues };
    const { config } = input.value;
    if (config !== undefined && !trusted) return { kind: "untrusted" };
    const borrowed = await (config === undefined ? ports.borrow() : ports.borrowCandidate(config));
    if (!borrowed.ok) {
      return { kind: config === undefined ? "broken" : "unreadable", issues: borrowed.issues };
    }
    const { engine, giveBack } = borrowed.value;
    const stored: unknown[] = [];
    try {
      const answer = await previewDocuments(input.value, {
        review: (request) => engine.review(request),
        configHash: engine.hash,
        injector: engine.injector,
        keepStored: format === "yaml-injected" ? (pod) => void stored.push(pod) : undefined,
        yieldControl: ports.yieldControl,
      });
      return renderReply(format, { name: "", input: input.value, answer, stored });
    } finally {
      await giveBack();
    }
  };
}

function renderReply(format: PreviewFormat, previewed: Previewed): PreviewReply {
  const rendered = renderPreview(format, [previewed], false);
  if (rendered.ok) return { kind: "answered", body: rendered.value };
  const { results } = previewed.answer;
  const refused = results.filter(({ allowed }) => !allowed).length;
  return { kind: "refused", refused, total: results.length, issues: rendered.issues };
}

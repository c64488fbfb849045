/** One preview: text in, text out. What is heavy about it, reading and rendering, can be done in another thread. */
import type { AdmissionRequest } from "../core/admission/request.ts";
import type { Issue } from "../core/issue/issue.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Ports } from "../core/ports.ts";
import { type Result, success } from "../core/result.ts";
import { type PreviewAnswer, previewDocuments, renderMutatedYaml } from "./answer.ts";
import { type PreviewInput, readPreviewInput } from "./input/input.ts";

/** How the documents of one preview are reviewed and answered. */
export interface PreviewTask {
  readonly review: (request: AdmissionRequest) => Outcome | Promise<Outcome>;
  readonly configHash: string;
  /** Whether the mutated documents are wanted as YAML, rather than all that is known as JSON. */
  readonly yaml: boolean;
}

/** The end of a preview. */
export type PreviewText =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly refused: number;
      readonly total: number;
      readonly issues: readonly Issue[];
    };

/** An input that was read. */
export interface PreviewJob {
  /** The candidate configuration that it brought, not yet looked at. */
  readonly config: unknown;
  /** Reviews every object, one after the other. */
  readonly answer: (task: PreviewTask) => Promise<PreviewText>;
  /** To be called when the job is over, answered or not. */
  readonly close: () => void;
}

/** Reads an input, or says everything that is wrong with it. */
export type OpenPreview = (text: string) => Promise<Result<PreviewJob>>;

/**
 * Reads and answers in this thread.
 *
 * @param yieldControl awaited between two objects, so that others get their turn
 */
export function createPreviewJobs(
  { encodeUtf8 }: Pick<Ports, "encodeUtf8">,
  yieldControl: () => Promise<void>,
): OpenPreview {
  return async (text) => {
    const input = readPreviewInput(text, { encodeUtf8 });
    if (!input.ok) return input;
    const answer: PreviewJob["answer"] = async ({ review, configHash, yaml }) => {
      const answered = await previewDocuments(input.value, { review, configHash, yieldControl });
      return yaml ? renderYamlAnswer(input.value, answered) : { ok: true, text: JSON.stringify(answered) };
    };
    return success({ config: input.value.config, answer, close: () => {} }, input.issues);
  };
}

function renderYamlAnswer(input: PreviewInput, answer: PreviewAnswer): PreviewText {
  const rendered = renderMutatedYaml(input, answer);
  if (rendered.ok) return { ok: true, text: rendered.value };
  const refused = answer.results.filter(({ allowed }) => !allowed).length;
  return { ok: false, refused, total: answer.results.length, issues: rendered.issues };
}

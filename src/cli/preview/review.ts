/** Reviews the pods of one file; on demand, running pods as their controller created them. */
import type { Engine } from "../../core/engine.ts";
import { previewDocuments } from "../../preview/answer.ts";
import { dropOwnAnnotations, toCreated } from "../../preview/input/as-created.ts";
import { collectPreviewInput, type PreviewInput } from "../../preview/input/input.ts";
import type { Previewed } from "../../preview/output/previewed.ts";
import { encodeUtf8 } from "../source.ts";
import type { SourceInput } from "./read.ts";

/** One file, reviewed. */
export interface ReviewedSource extends SourceInput, Previewed {
  /** The pods as in the file; `input` has them as they were reviewed. */
  readonly given: PreviewInput;
}

/**
 * Reviews a file's pods.
 *
 * @param asCreated whether to undo the cluster's changes first
 */
export async function previewSource(
  source: SourceInput,
  engine: Engine,
  asCreated: boolean,
): Promise<ReviewedSource> {
  const options = { review: engine.review, configHash: engine.hash, injector: engine.injector };
  const given = source.input;
  const stored: unknown[] = [];
  const keeping = { ...options, keepStored: (pod: unknown) => void stored.push(pod) };
  if (!asCreated) return { ...source, given, stored, answer: await previewDocuments(given, keeping) };
  const created = collect(given.documents.map(toCreated), source);
  const { results } = await previewDocuments(created, options);
  const bare = created.documents.map((document, index) => {
    const reviewed = created.targets.flatMap((target, i) => {
      const result = results[i];
      return target.document === index && result ? [[target, result] as const] : [];
    });
    return dropOwnAnnotations(document, reviewed);
  });
  const input = collect(bare, source);
  return { ...source, given, input, stored, answer: await previewDocuments(input, keeping) };
}

/** Undoing the cluster's changes cannot make a valid input invalid, so a failure here is a defect. */
function collect(documents: readonly unknown[], { namespace }: SourceInput): PreviewInput {
  const collected = collectPreviewInput(documents, { encodeUtf8, namespace, mayBePodless: true });
  if (!collected.ok) throw new Error(collected.issues[0].message);
  return collected.value;
}

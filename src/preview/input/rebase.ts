/** Moves a patch and the paths of issues from the reviewed pod to the given document. */
import * as v from "valibot";
import type { Issue } from "../../core/issue/issue.ts";
import type { Operation } from "../../core/patch/apply.ts";
import { isJsonPointer } from "../../core/patch/pointer.ts";
import { toSparkPath } from "./spark.ts";
import type { PreviewTarget } from "./target.ts";

/** Location of a pod in its document. */
type Site = Pick<PreviewTarget, "pointer" | "owner" | "form">;

const PATCH = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(
    v.variant("op", [
      v.object({ op: v.literal("add"), path: v.string(), value: v.unknown() }),
      v.object({ op: v.literal("replace"), path: v.string(), value: v.unknown() }),
      v.object({ op: v.literal("remove"), path: v.string() }),
    ]),
  ),
);

/**
 * Reads the patch of a review.
 *
 * @param patch JSON text; empty if nothing changes
 * @returns operations for the document that contains the pod
 */
export function rebasePatch(patch: string, site: Site): Operation[] {
  if (patch === "") return [];
  return v.parse(PATCH, patch).map((operation) => ({ ...operation, path: rebasePath(operation.path, site) }));
}

/** @returns the issue with its path in the document; a path that is not a JSON Pointer belongs to the configuration and stays */
export function rebaseIssue(issue: Issue, site: Site): Issue {
  if (!isJsonPointer(issue.path)) return issue;
  // Some issues use "/" for the whole pod.
  return { ...issue, path: issue.path === "/" ? site.pointer || "/" : rebasePath(issue.path, site) };
}

function rebasePath(path: string, { pointer, owner, form }: Site): string {
  if (form === "dask" && path.startsWith("/metadata/")) return owner + path;
  return pointer + (form === "spark" ? toSparkPath(path) : path);
}

/** Renders JSON Patches (RFC 6902), one for each document. */
import { type Previewed, toPatches } from "./previewed.ts";

/** @returns a line for each document; `[]` if nothing changes */
export function renderPatches(previewed: readonly Previewed[]): string {
  return previewed
    .flatMap(toPatches)
    .map((patch) => `${JSON.stringify(patch)}\n`)
    .join("");
}

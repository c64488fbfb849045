/** What the readers of large inputs have in common, JSON and YAML. */
import type { Result } from "../../core/result.ts";

/** Cuts one form of text into the texts of its items. */
export interface ItemSplitter {
  /** @returns the items that are complete now; a failure is final. */
  readonly push: (text: string) => Result<readonly unknown[]>;
  /** @returns what the end of the text completes. */
  readonly end: () => Result<readonly unknown[]>;
}

/** An API server stores objects of about 3 MiB at most; a longer one would only fill the memory. */
export const LONGEST_ITEM = 32 * 1024 * 1024;

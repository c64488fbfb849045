/** The interface of the readers of large inputs, for JSON and YAML. */
import type { Result } from "../../core/result.ts";

/** Splits a text that arrives in pieces into parsed items. */
export interface ItemSplitter {
  /** @returns the items that this piece completes; after a failure, the splitter must not be used again */
  readonly push: (text: string) => Result<readonly unknown[]>;
  /** @returns the items that the end of the text completes; a failure if the text is incomplete */
  readonly end: () => Result<readonly unknown[]>;
}

/** Longest item in characters. An API server stores objects of at most about 3 MiB; the limit bounds the memory. */
export const LONGEST_ITEM = 32 * 1024 * 1024;

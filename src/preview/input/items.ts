/**
 * Reads a large input in pieces: each item of a List, and each other document, is parsed as soon as its text is complete.
 * Only one item is held in memory at a time, so memory does not grow with the number of pods.
 */
import { previewIssues } from "../../core/issue/preview.ts";
import { failure, success } from "../../core/result.ts";
import { JsonItems } from "./items-json.ts";
import { YamlItems } from "./items-yaml.ts";
import type { ItemSplitter } from "./splitter.ts";

/**
 * Reads JSON or YAML in pieces of any length.
 *
 * @returns a splitter whose items are parsed objects: the items of every `List` (with the `kind` that a typed list leaves
 *   out), the elements of a JSON array, and every other document
 * @example
 * const items = createItemReader();
 * const first = items.push('{"kind":"List","items":[{"kind":"Pod"},');
 * const rest = items.end(); // a failure: the text ends inside the list
 */
export function createItemReader(): ItemSplitter {
  let splitter: ItemSplitter | undefined;
  let isFirst = true;
  return {
    push: (given) => {
      const text = isFirst && given.startsWith("\uFEFF") ? given.slice(1) : given;
      isFirst &&= given === "";
      const first = splitter ? undefined : /\S/.exec(text)?.[0];
      if (first !== undefined) splitter = first === "{" || first === "[" ? new JsonItems() : new YamlItems();
      return splitter?.push(text) ?? NOTHING;
    },
    end: () => splitter?.end() ?? failure([previewIssues["preview.empty"]({})]),
  };
}

const NOTHING = success<readonly unknown[]>([]);

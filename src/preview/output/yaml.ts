/** Renders mutated documents, and pods after injection, as YAML that can be applied. */
import { renderYaml } from "../../core/yaml.ts";
import { isConfigDocument } from "../input/plain.ts";
import { type Previewed, toMutatedDocuments } from "./previewed.ts";

/** @returns every document with the patches of all of its pods, without candidate configurations */
export function renderMutatedYaml(previewed: readonly Previewed[]): string {
  return renderYaml(previewed.flatMap(toMutatedDocuments).filter((document) => !isConfigDocument(document)));
}

/** @returns every pod as it will be stored, after injection; refused pods are left out */
export function renderInjectedYaml(previewed: readonly Previewed[]): string {
  return renderYaml(previewed.flatMap(({ stored }) => stored.filter((pod) => pod !== undefined)));
}

/** Mutated documents, and pods after the injector, as YAML that can be applied. */
import { renderYaml } from "../../core/yaml.ts";
import { isConfigDocument } from "../input/plain.ts";
import { type Previewed, toMutatedDocuments } from "./previewed.ts";

/** @returns every document as the webhook leaves it, each with the patches of all of its pods; no candidate configuration. */
export function renderMutatedYaml(previewed: readonly Previewed[]): string {
  return renderYaml(previewed.flatMap(toMutatedDocuments).filter((document) => !isConfigDocument(document)));
}

/** @returns every pod as it will be stored, after the injector; none that the injector refuses. */
export function renderInjectedYaml(previewed: readonly Previewed[]): string {
  return renderYaml(previewed.flatMap(({ stored }) => stored.filter((pod) => pod !== undefined)));
}

/** YAML out, as `kubectl` reads it (sigs.k8s.io/yaml, which is YAML 1.1). */
import { Document, type ScalarTag, type SchemaOptions, visit } from "yaml";

/** YAML 1.2's octal numbers, which Go reads as well. */
export const OCTAL: ScalarTag = {
  default: true,
  tag: "tag:yaml.org,2002:int",
  format: "OCT",
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.replace("0o", ""), 8),
};

/** What our own texts are safe from: values that some reader takes for a time or a number to the base of 60. */
const WRITING: SchemaOptions = { schema: "yaml-1.1", customTags: (tags) => [OCTAL, ...tags] };

/** @returns one text of all documents; nothing in it needs YAML's anchors, or is beyond what Go's reader takes. */
export function renderYaml(documents: readonly unknown[]): string {
  return documents.map(renderDocument).join("---\n");
}

// Line breaks in YAML 1.1, or refused as unprintable (go-yaml `readerc.go`); the library writes them as they are.
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

function renderDocument(given: unknown): string {
  const document = new Document(given, { ...WRITING, aliasDuplicateObjects: false });
  let isFound = false;
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value !== "string" || !UNPRINTABLE.test(scalar.value)) return;
      scalar.type = "QUOTE_DOUBLE";
      isFound = true;
    },
  });
  const text = document.toString({ lineWidth: 0 });
  if (!isFound) return text;
  return text.replace(
    new RegExp(UNPRINTABLE, "g"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

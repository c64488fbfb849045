/** Renders YAML for `kubectl`, which reads YAML 1.1 (sigs.k8s.io/yaml). */
import { Document, type ScalarTag, type SchemaOptions, visit } from "yaml";

/** Octal numbers of YAML 1.2, such as `0o17`, which Go reads as well. */
export const OCTAL: ScalarTag = {
  default: true,
  tag: "tag:yaml.org,2002:int",
  format: "OCT",
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.replace("0o", ""), 8),
};

/** Quotes strings that a YAML 1.1 or 1.2 reader would take for another type, such as `0o17` or the base-60 number `1:30`. */
const WRITING: SchemaOptions = { schema: "yaml-1.1", customTags: (tags) => [OCTAL, ...tags] };

/** @returns one text with all documents, without anchors and without characters that Go's reader refuses */
export function renderYaml(documents: readonly unknown[]): string {
  return documents.map(renderDocument).join("---\n");
}

// YAML 1.1 takes these for line breaks, or go-yaml refuses them (`readerc.go`); the library does not escape them.
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

import { expect, test } from "bun:test";
import { createLocator } from "../../../src/preview/input/locate.ts";

const TEXT = `# a comment
---
---
metadata: &meta
  annotations:
    a/b: x
spec:
  containers:
    - name: main
      env: [{ name: A }, { name: B }]
copy: *meta
---
kind: Pod
`;

test.each([
  [0, "", [4, 1]],
  [0, "/metadata", [4, 1]],
  [0, "/metadata/annotations/a~1b", [6, 5]],
  [0, "/spec/containers/0", [9, 7]],
  [0, "/spec/containers/0/env/1/name", [10, 28]],
  // What is not there stands where it would be.
  [0, "/metadata/labels", [4, 1]],
  [0, "/spec/containers/7", [8, 3]],
  [0, "/copy/annotations/a~1b", [6, 5]],
  [1, "/kind", [13, 1]],
  [0, "/status", undefined],
  [7, "/metadata", undefined],
])("in document %i, %s stands at %j", (document, pointer, place) => {
  const found = createLocator(TEXT)(document, pointer);
  expect(found && [found.line, found.column]).toEqual(place);
});

test("JSON has places, too", () => {
  expect(createLocator('{\n\t"items": [\n\t\t{ "a": 1 }\n\t]\n}')(0, "/items/0/a")).toEqual({
    line: 3,
    column: 5,
  });
});

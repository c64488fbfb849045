/** Messages between the host and a plugin's thread. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { HOOKS } from "../../../src/core/plugin/instance.ts";
import { readMessage, renderCall, renderPing } from "../../../src/host/plugin/protocol.ts";

const json = fc.jsonValue().map((value) => JSON.stringify(value));

test("a call arrives as it was sent, whatever its parts contain", () => {
  const wire = fc.record({ facts: json, pod: json, below: json, above: json, files: json });
  const call = fc.record({
    ...{ id: fc.nat(), hook: fc.constantFrom(...HOOKS), timeout: fc.integer({ min: 1 }), wire },
  });
  fc.assert(fc.property(call, (sent) => expect(readMessage(renderCall(sent))).toEqual(sent)));
});

test.each([renderPing(), "1\nunknown\n5\n{}\n{}\n[]\n[]\n{}", "requests"])("%j is not a call", (text) => {
  expect(readMessage(text)).toBeUndefined();
});

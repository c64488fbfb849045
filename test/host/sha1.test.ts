/** Stable ids: the same UUIDs on every runtime, and the same as uuid's. */
import { describe, expect, test } from "bun:test";
import { createHash, hash } from "node:crypto";
import fc from "fast-check";
import { parse, v5 } from "uuid";
import { toStableId } from "../../src/core/vault/file.ts";
import { webPorts } from "../../src/host/ports.ts";
import { findSha1, hashSha1 } from "../../src/host/sha1.ts";

const WAYS = {
  "Bun's": findSha1(),
  "node:crypto's": findSha1({ process: { getBuiltinModule: () => ({ hash }) } }),
  "JavaScript's, where Node is older": findSha1({ process: { getBuiltinModule: () => ({}) } }),
  "JavaScript's, where there is none": findSha1({}),
};
const NAMESPACE = parse("6f9b2d2e-5c0a-5f1e-9c77-0f1e7a5ec2e7");

test("in JavaScript only where the runtime has none", () => {
  const isOurs = Object.values(WAYS).map((way) => way === hashSha1);
  expect(isOurs).toEqual([false, false, true, true]);
});

describe.each(Object.entries(WAYS))("SHA-1, %s", (_, way) => {
  // FIPS 180 and RFC 3174, section 7.3.
  test.each([
    ["", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ["abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"],
    ["a".repeat(1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"],
  ])("of %.20s", (text, digest) => {
    expect(way(new TextEncoder().encode(text))).toBe(digest);
  });

  test("of bytes of every length around a block's", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
      expect(way(bytes)).toBe(createHash("sha1").update(bytes).digest("hex"));
    }
  });

  test("stable ids are UUIDs of version 5, as uuid makes them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (identity) => {
        expect(toStableId(identity, { ...webPorts, hashSha1: way })).toBe(v5(identity, NAMESPACE));
      }),
    );
  });
});

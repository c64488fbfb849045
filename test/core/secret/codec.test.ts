import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  compareRequestKeys,
  decodeRequest,
  encodeRequest,
  encodeRequests,
} from "../../../src/core/secret/codec.ts";
import type { SecretRequest } from "../../../src/core/secret/request.ts";
import { webPorts } from "../../../src/host/ports.ts";
import { secret } from "../../fixtures/engine.ts";
import { type GoldenSecret, goldenRequests } from "../../fixtures/golden.ts";

const { decodeUtf8, encodeUtf8 } = webPorts;
const decode = (value: string) => decodeRequest(value, "flyte.secrets/s0", decodeUtf8);

/** Rule 15 of docs/differences.md: a secret whose bytes are not UTF-8 has no text. */
const isText = (golden: GoldenSecret) => golden.group_b64 === undefined;

function toRequest({
  group = "",
  group_version = "",
  key = "",
  env_var = "",
  mount_requirement,
}: GoldenSecret) {
  return { group, group_version, key, env_var, mount_requirement };
}

function expectDecoded(value: string, golden: GoldenSecret): void {
  const decoded = decode(value);
  if (isText(golden)) expect(decoded).toEqual(toRequest(golden));
  else expect(decoded).toMatchObject({ code: "secret.utf8", severity: "deny" });
}

const decodes = goldenRequests.filter((row) => row.kind === "decode");
const encodes = goldenRequests.filter((row) => row.kind === "encode");
const maps = goldenRequests.filter((row) => row.kind === "decodemap");

describe("golden requests.jsonl", () => {
  test("rule 15 selects rows", () => {
    expect(decodes.filter(({ secret: golden }) => golden && !isText(golden)).length).toBeGreaterThan(0);
  });

  test.each(decodes.map((row) => [row.name, row] as const))("decodeRequest %s", (_, row) => {
    if (row.secret) return expectDecoded(row.value, row.secret);
    // Flyte's own parser panics on some texts: rule 8 wants a clear refusal.
    const code = row.error_class === "base32" ? "secret.base32" : "secret.text";
    expect(decode(row.value)).toMatchObject({ code, severity: "deny", annotation: "flyte.secrets/s0" });
  });

  test.each(encodes.map((row) => [row.name, row] as const))("encodeRequests %s", (_, row) => {
    const { annotations, secrets } = row;
    // Flyte refuses to write what it has no name for; here the command line does.
    if (!annotations) return expect(secrets.some(({ mount_requirement: m }) => m < 0 || m > 2)).toBe(true);
    for (const [i, golden] of secrets.entries()) {
      expectDecoded(annotations[`flyte.secrets/s${i}`] ?? "", golden);
    }
    if (secrets.every(isText))
      expect(encodeRequests(secrets.map(toRequest), encodeUtf8)).toEqual(annotations);
  });

  test.each(maps.map((row) => [row.name, row] as const))("decodeRequest %s", (_, row) => {
    for (const [key, golden] of Object.entries(row.secrets ?? {}))
      expectDecoded(row.annotations[key] ?? "", golden);
    if (row.error) {
      const decoded = Object.values(row.annotations).map(decode);
      expect(decoded.filter((result) => "code" in result)).not.toBeEmpty();
    }
  });
});

const anyRequest = fc.record({
  group: fc.string({ unit: "grapheme" }),
  group_version: fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  key: fc.string({ unit: "grapheme-composite" }),
  env_var: fc.string(),
  mount_requirement: fc.constantFrom(0, 1, 2),
});

describe("codec", () => {
  test("decodeRequest of encodeRequest is the request", () => {
    fc.assert(
      fc.property(anyRequest, (request: SecretRequest) => {
        expect(decode(encodeRequest(request, encodeUtf8))).toEqual(request);
      }),
    );
  });

  test("decodeRequest never throws", () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz123456") }),
    );
    const decodes = (text: string) => {
      expect(decode(text)).toBeTypeOf("object");
    };
    fc.assert(fc.property(value, decodes), { numRuns: 2_000 });
  });

  test("decodeRequest names the annotation and the place", () => {
    const issue = decodeRequest("m4zg7", "flyte.secrets/s7", decodeUtf8);
    expect(issue).toMatchObject({ code: "secret.base32", annotation: "flyte.secrets/s7" });
    expect("message" in issue && issue.message).toContain('character 4 of "m4zg7"');
  });

  test("encodeRequest leaves default values out", () => {
    expect(decode(encodeRequest(secret({}), encodeUtf8))).toEqual(secret({}));
    expect(encodeRequest(secret({}), encodeUtf8)).toBe("");
  });

  test("compareRequestKeys orders by number, then by bytes", () => {
    const keys = ["s10", "s2", "s", "s-1", "s02", "s1234567890"].map((suffix) => `flyte.secrets/${suffix}`);
    expect(keys.toSorted(compareRequestKeys).map((key) => key.slice("flyte.secrets/".length))).toEqual([
      "s02",
      "s2",
      "s10",
      "s",
      "s-1",
      "s1234567890",
    ]);
  });
});

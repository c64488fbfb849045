import { describe, expect, test } from "bun:test";
import { renderFlyteTemplate, renderTemplate, toAgentPath } from "../../../src/core/vault/template.ts";

describe("renderTemplate writes identifiers as Flyte does", () => {
  test.each(["api_key", "_x", "K9", "été", "密钥", "x٣"])("%s", (key) => {
    expect(renderTemplate("kv2", "secret/data/a", key)).toBe(
      `{{- with secret "secret/data/a" -}}{{ .Data.data.${key} }}{{- end -}}`,
    );
    expect(renderTemplate("kv1", "kv/a", key)).toBe(
      `{{- with secret "kv/a" -}}{{ .Data.${key} }}{{- end -}}`,
    );
    expect(renderTemplate("kv2", "secret/data/a", key)).toBe(
      renderFlyteTemplate("kv2", "secret/data/a", key),
    );
    expect(renderTemplate("kv1", "kv/a", key)).toBe(renderFlyteTemplate("kv1", "kv/a", key));
  });
});

test("renderTemplate guards other keys", () => {
  expect(renderTemplate("kv2", "secret/data/a", "api-key")).toBe(
    '{{- with secret "secret/data/a" -}}{{- if sprig_hasKey .Data.data "api-key" -}}{{ index .Data.data "api-key" }}' +
      '{{- else -}}{{ sprig_fail "Cannot render key \\"api-key\\" of Vault secret \\"secret/data/a\\": ' +
      'the secret has no such key; add it in Vault, or request a key that it has" }}{{- end -}}' +
      '{{- if and (sprig_hasKey .Data.data "api-key") (sprig_kindIs "invalid" (index .Data.data "api-key")) -}}' +
      '{{ sprig_fail "Cannot render key \\"api-key\\" of Vault secret \\"secret/data/a\\": ' +
      'its value is null; store a text in Vault" }}{{- end -}}{{- end -}}',
  );
});

test("renderTemplate looks for a dotted key literally, then for Flyte's nested value", () => {
  expect(renderTemplate("kv1", "kv/a", "tls.crt")).toBe(
    '{{- with secret "kv/a" -}}{{- if sprig_hasKey .Data "tls.crt" -}}{{ index .Data "tls.crt" }}' +
      '{{- else if not (sprig_kindIs "map" (index .Data "tls")) -}}' +
      '{{ sprig_fail "Cannot render key \\"tls.crt\\" of Vault secret \\"kv/a\\": ' +
      'the secret has no such key, and \\"tls\\" is not a map that could hold it" }}' +
      '{{- else if sprig_kindIs "invalid" (index .Data "tls" "crt") -}}' +
      '{{ sprig_fail "Cannot render key \\"tls.crt\\" of Vault secret \\"kv/a\\": ' +
      'the secret has no such key, and no value nested at \\"tls\\" then \\"crt\\"" }}' +
      "{{- else -}}{{ .Data.tls.crt }}{{- end -}}" +
      '{{- if and (sprig_hasKey .Data "tls.crt") (sprig_kindIs "invalid" (index .Data "tls.crt")) -}}' +
      '{{ sprig_fail "Cannot render key \\"tls.crt\\" of Vault secret \\"kv/a\\": ' +
      'its value is null; store a text in Vault" }}{{- end -}}{{- end -}}',
  );
});

test.each(["a.b-c", ".a", "a.", "a..b", "1.a"])("renderTemplate does not nest %s", (key) => {
  expect(renderTemplate("kv2", "secret/data/a", key)).not.toContain("else if");
});

test("renderTemplate escapes group and key as Go string literals", () => {
  const template = renderTemplate("kv2", 'a"b\\c', 'k"\\');
  expect(template).toStartWith(
    '{{- with secret "a\\"b\\\\c" -}}{{- if sprig_hasKey .Data.data "k\\"\\\\" -}}{{ index .Data.data "k\\"\\\\" }}',
  );
});

describe("toAgentPath", () => {
  test.each([
    "secret/data/a",
    "a b;c&d+e~f=g,h@i!*'()[]|^`$<>",
    "é/密/😀/\u00a0/\u2028x",
    "a/b:c",
    "a/\ufeff",
    '"\\',
    "a/...?version=2",
  ])("leaves %j as it is", (path) => {
    expect(toAgentPath("kv2", path)).toBe(path);
  });

  test.each([
    ["a#b", "a%23b"],
    ["a%41", "a%2541"],
    ["a/%2e%2e/b", "a/%252e%252e/b"],
    ["a?x", "a%3Fx"],
    ["a?version=x", "a%3Fversion=x"],
    ["a?version=2&x=1", "a%3Fversion=2&x=1"],
    ["a?b#?version=2", "a%3Fb%23?version=2"],
    [" a/b ", "%20a/b%20"],
    ["  a", "%20 a"],
    ["a\u2003", "a%E2%80%83"],
    ["a:b:c/d:e", "a%3Ab%3Ac/d:e"],
    [":a", "%3Aa"],
    ["?version=2", "%3Fversion=2"],
    ["a/?version=2", "a/%3Fversion=2"],
    ["..?version=2", "..%3Fversion=2"],
    ["a/.?version=2", "a/.%3Fversion=2"],
  ])("encodes %j", (path, expected) => {
    expect(toAgentPath("kv2", path)).toBe(expected);
  });

  test("keeps a version query for kv2 only", () => {
    expect(toAgentPath("kv2", "a?version=2")).toBe("a?version=2");
    expect(toAgentPath("kv1", "a?version=2")).toBe("a%3Fversion=2");
  });

  test("takes linear time", () => {
    const start = performance.now();
    toAgentPath("kv2", `${" ".repeat(200_000)}x${"?version=".repeat(20_000)}${"1".repeat(200_000)}x`);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

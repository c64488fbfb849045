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

const VALUE =
  '{{if sprig_kindIs "string" $v}}{{$v}}' +
  '{{else if sprig_kindIs "invalid" $v}}{{printf "Vault secret %q has no key %q, or it is null" $p $k|sprig_fail}}' +
  "{{else}}{{toUnescapedJSON $v}}{{end}}";

test("renderTemplate guards other keys", () => {
  expect(renderTemplate("kv2", "secret/data/a", "api-key")).toBe(
    '{{$p:="secret/data/a"}}{{$k:="api-key"}}{{with secret $p}}{{$v:=index .Data.data $k}}' +
      `${VALUE}{{end}}`,
  );
});

test("renderTemplate looks for a dotted key literally, then for Flyte's nested value", () => {
  expect(renderTemplate("kv1", "kv/a", "tls.crt")).toBe(
    '{{$p:="kv/a"}}{{$k:="tls.crt"}}{{with secret $p}}{{$v:=.Data}}' +
      '{{range sprig_hasKey .Data $k|sprig_ternary (sprig_list $k) (sprig_splitList "." $k)}}' +
      '{{$v = index (sprig_kindIs "map" $v|sprig_ternary $v sprig_dict) .}}' +
      `{{end}}${VALUE}{{end}}`,
  );
});

// The first guarded form had 583 and 908 characters for these.
test.each([
  ["api-key", 583],
  ["tls.crt", 908],
])("renderTemplate of %s is less than half as long as the first guarded form", (key, before) => {
  expect(renderTemplate("kv2", "secret/data/team-a/database", key).length).toBeLessThan(before / 2);
});

test.each(["a.b-c", ".a", "a.", "a..b", "1.a"])("renderTemplate does not nest %s", (key) => {
  expect(renderTemplate("kv2", "secret/data/a", key)).not.toContain("range");
});

test("renderTemplate escapes group and key as Go string literals", () => {
  const template = renderTemplate("kv2", 'a"b\\c', 'k"\\');
  expect(template).toStartWith('{{$p:="a\\"b\\\\c"}}{{$k:="k\\"\\\\"}}{{with secret $p}}');
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
    ["team:", "team%3A"],
    ["te:am/x:y", "te%3Aam/x:y"],
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

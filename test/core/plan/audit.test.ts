import { describe, expect, test } from "bun:test";
import { renderAudit, toAuditText } from "../../../src/core/plan/audit.ts";
import type { AuditPaths } from "../../../src/core/settings.ts";
import { webPorts } from "../../../src/host/ports.ts";

describe("toAuditText", () => {
  const team = { audit: { engine: "kv2", path: "secret/data/team", key: "token" } } as const;
  const textOf = (
    request: typeof team | { audit: { engine: "kv2"; path: string; key: string } },
    paths: AuditPaths,
  ) => toAuditText(request, paths, webPorts);

  test.each([
    ["full", /^kv2:secret\/data\/team#token$/],
    ["hash", /^kv2:[0-9a-z]{12}$/],
    ["none", /^kv2$/],
  ] as const)("audit.paths: %s", (paths, expected) => expect(textOf(team, paths)).toMatch(expected));

  test("a hash tells two secrets apart, by path and by key", () => {
    const others = [
      { ...team.audit, path: "secret/data/other" },
      { ...team.audit, key: "other" },
    ];
    const texts = [team, ...others.map((other) => ({ audit: other }))].map((request) =>
      textOf(request, "hash"),
    );
    expect(new Set(texts).size).toBe(3);
    expect(textOf(team, "hash")).toBe(texts[0] ?? "");
  });
});

const audit = (requests: readonly string[], annotations: Record<string, string> = {}) =>
  renderAudit(requests, new Map(Object.entries(annotations)), "", "hash");

describe("renderAudit", () => {
  test("names short requests as they are", () => {
    expect(audit(["kv2:secret/data/a#k", "db:database/creds/x#c"]).requests).toBe(
      "kv2:secret/data/a#k,db:database/creds/x#c",
    );
  });

  test.each([
    ["1,000 characters with the commas: as they are", [500, 499], /^x{500},x{499}$/],
    ["one more: shortened", [500, 500], /^x+…x+,x+…x+$/],
    ["1,000 characters of one: as it is", [1_000], /^x{1000}$/],
    ["one more of one: shortened", [1_001], /^x+…x+$/],
  ])("%s", (_, lengths, expected) => {
    expect(audit(lengths.map((length) => "x".repeat(length))).requests).toMatch(expected);
  });

  test("a long request does not hide the ones after it", () => {
    const long = `kv2:secret/data/a?version=${"0".repeat(1_000)}3#k`;
    const { requests = "" } = audit([long, "kv2:secret/data/admin#root"]);
    expect(requests.length).toBeLessThanOrEqual(1_000);
    expect(requests).toEndWith(",kv2:secret/data/admin#root");
    expect(requests).toStartWith("kv2:secret/data/a?version=000");
    expect(requests).toContain("…");
  });

  test("thirty long requests are all named, and of more it says how many are missing", () => {
    const long = (at: number) => `kv2:secret/data/${"x".repeat(200)}#key-${at}`;
    const thirty = audit(Array.from({ length: 30 }, (_, at) => long(at))).requests ?? "";
    expect(thirty.length).toBeLessThanOrEqual(1_000);
    expect(thirty.split(",")).toHaveLength(30);
    expect(thirty.split(",").at(-1)).toEndWith("#key-29");
    expect(audit(Array.from({ length: 500 }, (_, at) => long(at))).requests).toMatch(/,and 4\d\d more$/);
  });

  test("bounds role and namespace", () => {
    const key = "vault.hashicorp.com/";
    const { role = "", "vault-namespace": namespace = "" } = audit([], {
      [`${key}role`]: "r".repeat(100_000),
      [`${key}namespace`]: "n".repeat(100_000),
    });
    expect([role.length, namespace.length]).toEqual([253, 253]);
  });

  test.each(["\u202e", "\u2028", "\u2029", "\u200b", "\u001b", "\u0085"])(
    "escapes %j everywhere",
    (character) => {
      const texts = Object.values(
        audit([`kv2:a${character}b#k`], {
          "vault.hashicorp.com/role": `r${character}`,
          "vault.hashicorp.com/namespace": character,
        }),
      );
      expect(texts.join()).not.toContain(character);
      expect(texts.join()).toContain("\\u");
    },
  );
});

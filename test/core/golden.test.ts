/**
 * Every pod that Flyte's Go code was given, given to us. Results match but for the rules of docs/differences.md, which select
 * their rows by what a row holds, never by its name; each rule is proved to select something.
 */
import { describe, expect, test } from "bun:test";
import { decodeRequest } from "../../src/core/secret/codec.ts";
import { REQUEST_PREFIX, type SecretRequest } from "../../src/core/secret/request.ts";
import { renderTemplate } from "../../src/core/vault/template.ts";
import { toEngine } from "../../src/core/vault/transformer.ts";
import { webPorts } from "../../src/host/ports.ts";
import { applyOutcome, createTestEngine, reviewPod, settingsOf } from "../fixtures/engine.ts";
import { type GoldenInjection, goldenInjections } from "../fixtures/golden.ts";
import { type Group, type Semantics, toSemantics } from "../fixtures/semantics.ts";

interface Case {
  readonly row: GoldenInjection;
  readonly pod: Record<string, unknown>;
  /** Decodable requests of the pod. */
  readonly requests: readonly SecretRequest[];
  readonly kvVersion: 1 | 2;
}

/** A deliberate difference: the rows it concerns, and what it makes of Flyte's result; no `adjust` means refused. */
interface Rule {
  readonly rule: number;
  readonly about: string;
  readonly selects: (c: Case) => boolean;
  readonly adjust?: (expected: Semantics, c: Case) => Semantics;
}

const HAS_CONTROL = /\p{Cc}/u;
const IDENTIFIER = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;
const OURS = /^FLYTE_SECRETS_(FILE_PREFIX|DEFAULT_DIR)$/;

const engineOf = (c: Case, request: SecretRequest) => toEngine(request.group_version, c.kvVersion);
const identityOf = (c: Case, r: SecretRequest) => [engineOf(c, r), r.group, r.key].join("\0");
const hasBadSegment = (text: string) => text.split("/").some((s) => s === "" || s === "." || s === "..");
const isServed = (c: Case) => c.row.status === "ok" && c.requests.length > 0;

/** Gives every group the template that we render for the same request. */
function renderTemplatesAnew(expected: Semantics, c: Case): Semantics {
  const groups = expected.groups.map((group): Group => {
    const request = c.requests.find((r) => group.secret === r.group && group.file === `${r.group}/${r.key}`);
    const engine = request && engineOf(c, request);
    if (!request || !engine || engine === "db") return group;
    const ours = c.requests
      .filter((r) => r.group === request.group && r.key === request.key)
      .map((r) => ({ flyte: flyteTemplate(c, r), engine: engineOf(c, r) }))
      .find(({ flyte }) => flyte === group.template);
    return ours && ours.engine !== "db"
      ? { ...group, template: renderTemplate(ours.engine, request.group, request.key) }
      : group;
  });
  return { ...expected, groups };
}

function flyteTemplate(c: Case, { group, key, ...request }: SecretRequest): string {
  const data = engineOf(c, { group, key, ...request }) === "kv1" ? ".Data" : ".Data.data";
  return `{{- with secret "${group}" -}}{{ ${data}.${key} }}{{- end -}}`;
}

const RULES: readonly Rule[] = [
  {
    rule: 1,
    about: "keys that are no identifiers are looked up with a guard",
    selects: (c) => isServed(c) && c.requests.some((r) => engineOf(c, r) !== "db" && !IDENTIFIER.test(r.key)),
    adjust: renderTemplatesAnew,
  },
  {
    rule: 2,
    about: "groups are escaped as Go string literals",
    selects: (c) => isServed(c) && c.requests.some((r) => engineOf(c, r) !== "db" && /["\\]/.test(r.group)),
    adjust: renderTemplatesAnew,
  },
  {
    rule: 18,
    about: "what a URL would not keep is percent-encoded in the template's path (docs/differences.md)",
    selects: (c) =>
      isServed(c) && c.requests.some((r) => engineOf(c, r) !== "db" && /[#%?:]|^\s|\s$/u.test(r.group)),
    adjust: renderTemplatesAnew,
  },
  {
    rule: 3,
    about: "control characters, braces, dot segments and empty segments are refused",
    selects: (c) =>
      isServed(c) &&
      c.requests.some(
        (r) =>
          [r.group, r.key].some(
            (text) => HAS_CONTROL.test(text) || /\{\{|\}\}/.test(text) || hasBadSegment(text),
          ) ||
          // Rules 3 and 18: what goes into the injector's own template cannot be quoted or encoded.
          (engineOf(c, r) === "db" && /["\\#%?]|^[^/]*:|^\s|\s$/u.test(r.group)),
      ),
  },
  {
    rule: 5,
    about: "a suffix that the pod carries already is reused",
    selects: (c) => isServed(c) && toSemantics(c.pod, {}).groups.length > 0,
    adjust: (expected, c) => {
      const carried = toSemantics(c.pod, {}).groups;
      const isCarried = (group: Group) =>
        carried.some((other) => other.secret === group.secret && other.file === group.file);
      return { ...expected, groups: expected.groups.filter((group) => !isCarried(group)) };
    },
  },
  {
    rule: 6,
    about: "the same request twice is injected once",
    selects: (c) => isServed(c) && new Set(c.requests.map((r) => identityOf(c, r))).size < c.requests.length,
    adjust: (expected) => {
      const once = new Map(expected.groups.map((group) => [JSON.stringify(group), group]));
      return { ...expected, groups: [...once.values()] };
    },
  },
  {
    rule: 6,
    about: "one file for two secrets is refused",
    selects: (c) => {
      const files = new Set(c.requests.map((r) => `${r.group}/${r.key}`));
      const identities = new Set(c.requests.map((r) => identityOf(c, r)));
      return isServed(c) && files.size < identities.size;
    },
  },
  {
    rule: 10,
    about: "every variable of our names is removed, not only the first",
    selects: (c) =>
      isServed(c) &&
      JSON.stringify(c.pod.spec ?? {}).split("FLYTE_SECRETS_DEFAULT_DIR").length +
        JSON.stringify(c.pod.spec ?? {}).split("FLYTE_SECRETS_FILE_PREFIX").length >
        3,
    adjust: (expected) => ({
      ...expected,
      env: expected.env.map((list) => list.filter(({ name }, i) => i < 2 || !OURS.test(name))),
    }),
  },
  {
    rule: 20,
    about: "env_var beside a file holds the file's path, in every container",
    selects: (c) => isServed(c) && c.requests.some((r) => r.env_var !== ""),
    adjust: (expected, c) => ({
      ...expected,
      env: expected.env.map((list) => [
        ...list,
        ...c.requests
          .filter((r) => r.env_var !== "")
          .map((r) => ({ name: r.env_var, value: `/etc/flyte/secrets/${r.group}/${r.key}` })),
      ]),
    }),
  },
  {
    rule: 12,
    about: "fields that the webhook does not read are the API server's to check",
    selects: ({ row }) => row.status === "error" && JSON.stringify(row.pod).includes('"resources"'),
    adjust: (expected) => expected,
  },
  {
    rule: 15,
    about: "invalid UTF-8 is refused",
    selects: (c) => c.row.status === "ok" && c.requests.length < requestKeys(c.pod).length,
  },
];

function requestKeys(pod: Record<string, unknown>): string[] {
  return Object.keys(annotationsOf(pod)).filter((key) => key.startsWith(REQUEST_PREFIX));
}

function annotationsOf(pod: Record<string, unknown>): Record<string, string | null> {
  const { metadata } = pod as { metadata?: { annotations?: Record<string, string | null> | null } };
  return metadata?.annotations ?? {};
}

function toCase(row: GoldenInjection): Case {
  const pod = row.pod_roundtrip ?? row.pod;
  const requests = requestKeys(pod)
    .map((key) => decodeRequest(annotationsOf(pod)[key] ?? "", key, webPorts.decodeUtf8))
    .flatMap((request) => ("code" in request ? [] : [request]));
  return { row, pod, requests, kvVersion: row.config.kvVersion === "1" ? 1 : 2 };
}

const CASES = goldenInjections.map(toCase);

describe("golden inject.jsonl", () => {
  test.each(RULES.map((rule) => [rule.rule, rule.about, rule] as const))(
    "rule %i selects rows: %s",
    (...[, , rule]) => {
      expect(CASES.filter(rule.selects).length).toBeGreaterThan(0);
    },
  );

  test.each(CASES.map((c) => [c.row.name, c] as const))("%s", async (_, c) => {
    const { row, pod } = c;
    const engine = await createTestEngine(settingsOf(row.config));
    const outcome = await reviewPod(engine, pod);
    const rules = RULES.filter((rule) => rule.selects(c));
    const refused = rules.some((rule) => !rule.adjust) || (row.status === "error" && rules.length === 0);
    expect({
      allowed: outcome.allowed,
      issues: refused ? [] : outcome.issues.filter((i) => i.severity === "deny"),
    }).toEqual({ allowed: !refused, issues: [] });
    if (refused) {
      expect(outcome.status?.code).toBe(400);
      return;
    }
    const flyte = row.expected ? toSemantics(row.expected, annotationsOf(pod)) : undefined;
    if (!flyte) return;
    const wanted = rules.reduce((expected, rule) => rule.adjust?.(expected, c) ?? expected, flyte);
    const ours = toSemantics(applyOutcome(pod, outcome), annotationsOf(pod));
    expect(sorted(ours)).toEqual(sorted(wanted));
    if (row.changed === false) expect(outcome.patch).toBe("");
  });
});

function sorted(semantics: Semantics): Semantics {
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return { ...semantics, groups: semantics.groups.toSorted(byText) };
}

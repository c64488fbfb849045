/** The model beside the recorded answers of the real injector, and over everything that an annotation can say. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FLAG_NAMES, INJECTOR_FLAGS, judgeFlags } from "../../src/injector/flags.ts";
import { type Injection, inject } from "../../src/injector/inject.ts";
import { VAULT_ANNOTATIONS, VAULT_DOMAIN } from "../../src/injector/vocabulary.ts";
import { applyInjection, toComparable, type Vector, vectors } from "../fixtures/injector.ts";

function ask({ pod, namespace, flags }: Vector): Injection {
  return inject(pod, namespace, flags);
}

function kindOf({ allowed, patch }: Vector): Injection["kind"] {
  if (!allowed) return "refused";
  return patch ? "injected" : "left-alone";
}

describe("inject", () => {
  test("there are enough recorded answers of each kind", () => {
    const count = (kind: Injection["kind"]) => vectors.filter((vector) => kindOf(vector) === kind).length;
    expect([count("injected") > 900, count("refused") > 140, count("left-alone") > 20]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
    const answer = ask(vector);
    expect(answer.kind).toBe(kindOf(vector));
    if (answer.kind === "refused") expect(answer.message).toBe(vector.error ?? "");
    if (answer.kind !== "injected") return;
    const made = toComparable(applyInjection(vector.pod, answer.patch), vector.varies);
    expect(made).toEqual(toComparable(applyInjection(vector.pod, vector.patch ?? []), vector.varies));
  });
});

const VALUES = [
  ...[
    "",
    " ",
    "true",
    "false",
    "yes",
    "T",
    "0",
    "-1",
    "100",
    "1.5",
    "5_0",
    "0x1p-1",
    "NaN",
    "1e400",
    "16Ei",
    "1e-12",
  ],
  ...[
    "500m",
    "128Mi",
    ".",
    "1h2",
    "5s",
    "é\n\"'\\",
    "null",
    "[null]",
    "[1",
    '{"a":1}',
    "json",
    "/x",
    "../x",
    "a,b",
  ],
  ...['[{"op":"add","path":"/env/-","value":{"name":"X"}}]', '[{"op":"test","path":"/image","value":[]}]'],
  ...[
    '[{"op":"replace","path":""}]',
    '[{"op":"move","from":"/env/0","path":"/args/5"}]',
    "\u{1f600}",
    "\ud800",
  ],
];
const SUFFIXES = ["db", "Aa", "file-x", "__proto__", "constructor", "disable-hostname", ""];

const annotation = fc.record({
  row: fc.constantFrom(...VAULT_ANNOTATIONS),
  suffix: fc.constantFrom(...SUFFIXES),
  value: fc.oneof(fc.constantFrom(...VALUES), fc.string()),
});

function toKey(row: (typeof VAULT_ANNOTATIONS)[number], suffix: string): string {
  return VAULT_DOMAIN + row.name + ("suffixed" in row ? `-${suffix}` : "");
}

function toPod(annotations: Readonly<Record<string, string>>): unknown {
  const mount = { name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
  return {
    metadata: {
      annotations: { [`${VAULT_DOMAIN}agent-inject`]: "true", [`${VAULT_DOMAIN}role`]: "r", ...annotations },
    },
    spec: { containers: [{ name: "main", volumeMounts: [mount] }], initContainers: [{ name: "i" }] },
  };
}

describe("inject never throws", () => {
  test("for one to four annotations of any value", () => {
    fc.assert(
      fc.property(fc.array(annotation, { minLength: 1, maxLength: 4 }), (rows) => {
        const annotations = Object.fromEntries(
          rows.map(({ row, suffix, value }) => [toKey(row, suffix), value]),
        );
        expect(["injected", "refused", "left-alone"]).toContain(inject(toPod(annotations), "ns").kind);
      }),
      { numRuns: 2_000 },
    );
  });

  test("for every annotation and every value", () => {
    for (const row of VAULT_ANNOTATIONS) {
      for (const value of VALUES)
        expect(() => inject(toPod({ [toKey(row, "db")]: value }), "ns")).not.toThrow();
    }
  });

  test("for anything in place of a pod", () => {
    fc.assert(fc.property(fc.jsonValue(), (pod) => void inject(pod, "ns")));
    fc.assert(fc.property(fc.jsonValue(), (value) => void inject({ metadata: value, spec: value }, "ns")));
    fc.assert(fc.property(fc.jsonValue(), (value) => void inject({ spec: { containers: [value] } }, "ns")));
  });

  test("for deep JSON in a patch", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    const key = `${VAULT_DOMAIN}agent-init-json-patch`;
    expect(inject(toPod({ [key]: nested(100_000) }), "ns")).toMatchObject({
      message: expect.stringContaining("exceeded max depth"),
    });
    const deep = nested(9_000);
    const patch = `[{"op":"add","path":"/x","value":${deep}},{"op":"copy","from":"/x","path":"/y"},{"op":"test","path":"/x","value":${deep}}]`;
    expect(inject(toPod({ [key]: patch }), "ns").kind).toBe("refused");
  });
});

test("a JSON patch that doubles itself ends", () => {
  const twice = '{"op":"copy","from":"/env","path":"/env/-"},';
  const patch = `[${twice.repeat(60)}{"op":"test","path":"/x"}]`;
  expect(inject(toPod({ [`${VAULT_DOMAIN}agent-init-json-patch`]: patch }), "ns")).toMatchObject({
    cause: "json-patch",
    message: expect.stringContaining("the copies have more than"),
  });
});

describe("inject takes time in proportion to the pod", () => {
  const SIZES = [100, 1_600];
  const growth = (toAnnotations: (size: number) => Record<string, string>): number => {
    const [small = 1, large = 1] = SIZES.map((size) => {
      const pod = toPod(toAnnotations(size));
      return Math.min(...[1, 2, 3, 4, 5].map(() => measure(() => inject(pod, "ns"))));
    });
    return large / small;
  };
  /** Other programs of a busy machine can only make it longer. */
  const leastGrowth = (toAnnotations: (size: number) => Record<string, string>) =>
    Math.min(...[1, 2, 3].map(() => growth(toAnnotations)));

  test.each<[string, (size: number) => Record<string, string>]>([
    ["ids", (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [toKeyOf(i), "p"]))],
    ["folders", (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => folderOf(i)).flat())],
    ["containers named", (n) => ({ [`${VAULT_DOMAIN}agent-inject-containers`]: "a,".repeat(n) })],
    ["a quantity", (n) => ({ [`${VAULT_DOMAIN}agent-limits-cpu`]: `${"1".repeat(n * 10)}x` })],
    ["a long quantity", (n) => ({ [`${VAULT_DOMAIN}agent-limits-mem`]: `${"1".repeat(n * 10)}Ki` })],
    ["a float", (n) => ({ [`${VAULT_DOMAIN}template-lease-renewal-threshold`]: `${"1_".repeat(n * 10)}x` })],
    ["a duration", (n) => ({ [`${VAULT_DOMAIN}auth-min-backoff`]: `${"1s".repeat(n * 10)}x` })],
    [
      "a JSON patch",
      (n) => ({ [`${VAULT_DOMAIN}agent-init-json-patch`]: `[${'{"op":"test"},'.repeat(n)}1]` }),
    ],
  ])("%s", (_, toAnnotations) => {
    // Sixteen times as much may take sixteen times as long; quadratic work would take 256 times.
    expect(leastGrowth(toAnnotations)).toBeLessThan(100);
  });
});

function toKeyOf(i: number): string {
  return `${VAULT_DOMAIN}agent-inject-secret-s${i}`;
}

function folderOf(i: number): [string, string][] {
  return [
    [toKeyOf(i), "p"],
    [`${VAULT_DOMAIN}secret-volume-path-s${i}`, `/x/${i}`],
  ];
}

function measure(work: () => unknown): number {
  const start = performance.now();
  work();
  return Math.max(performance.now() - start, 0.05);
}

describe("flags", () => {
  test("every option is known by its name and its variable, with its default", () => {
    const defaults = Object.values(INJECTOR_FLAGS).map((flag) => [flag.variable, flag.default]);
    expect(judgeFlags(Object.fromEntries(defaults))).toEqual([]);
    expect(FLAG_NAMES).toContain("vault-image");
  });

  test.each([
    ["vault-adress", "x", "unknown"],
    ["vault-address", "", "value"],
    ["default-template", "JSON", "value"],
    ["auth-min-backoff", "5", "value"],
    ["AGENT_INJECT_SET_SECURITY_CONTEXT", "yes", "value"],
  ] as const)("%s: %p is %s", (name, value, kind) => {
    expect(judgeFlags({ [name]: value })).toEqual([{ name, kind }]);
  });

  test("a variable wins over its option, unless it is empty", () => {
    const image = (flags: Record<string, string>) => {
      const answer = inject(toPod({}), "ns", flags);
      return answer.kind === "injected"
        ? JSON.stringify(answer.patch).match(/"image":"([^"]*)"/)?.[1]
        : answer.kind;
    };
    expect(image({ "vault-image": "a" })).toBe("a");
    expect(image({ "vault-image": "a", AGENT_INJECT_VAULT_IMAGE: "b" })).toBe("b");
    expect(image({ "vault-image": "a", AGENT_INJECT_VAULT_IMAGE: "" })).toBe("a");
  });
});

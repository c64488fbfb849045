import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { measureConfig } from "../../src/injector/config-size.ts";
import type { InjectorFlags } from "../../src/injector/flags.ts";
import { renderJson } from "../../src/injector/go-json.ts";
import { IndexedAnnotations } from "../../src/injector/indexed-annotations.ts";
import { inject } from "../../src/injector/inject.ts";
import { SUFFIXED_NAMES, WHOLE_NAMES } from "../../src/injector/vocabulary.ts";

const VAULT = "vault.hashicorp.com/";
const COMMON = { "agent-inject": "true", role: "flyte-role", "agent-pre-populate-only": "true" };

/** The environment string that the injector's model hands to the agent. */
function measureModel(annotations: Readonly<Record<string, string>>): number {
  const length = tryModel(annotations);
  if (length === undefined) throw new Error(`the injector refuses ${JSON.stringify(annotations)}`);
  return length;
}

/** `undefined` where the injector refuses the pod, or gives it a configuration of another kind. */
function tryModel(
  annotations: Readonly<Record<string, string>>,
  given: InjectorFlags = {},
): number | undefined {
  const mount = { name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" };
  const pod = { metadata: { annotations }, spec: { containers: [{ name: "main", volumeMounts: [mount] }] } };
  const injected = inject(pod, "development", given);
  if (injected.kind !== "injected" || injected.agents.init === undefined) return undefined;
  const value = Buffer.from(renderJson(injected.agents.init)).toString("base64");
  return `VAULT_CONFIG=${value}\0`.length;
}

function prefix(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([name, value]) => [VAULT + name, value]));
}

const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 80 }),
  fc.constantFrom("<b>&amp;", '"quoted"\\', "é密😀", "a/b/c", "\u2028\u2029", "\n\t\r\u0001"),
);
const file = fc.record({
  id: fc.uuid(),
  path: text,
  file: fc.option(fc.stringMatching(/^[a-z]{1,20}(\/[a-z]{1,20}){0,3}$/), { nil: undefined }),
  template: fc.option(
    text.filter((each) => each.trim() !== ""),
    { nil: undefined },
  ),
});

const flags = fc.record(
  {
    "vault-address": fc
      .string({ unit: fc.constantFrom("a", "."), maxLength: 200 })
      .map((host) => `https://h${host}`),
    "vault-auth-path": fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 200 }),
    "vault-namespace": fc.string({ unit: fc.constantFrom("n", "/", "<"), maxLength: 200 }),
    "proxy-address": fc.string({ unit: fc.constantFrom("p"), maxLength: 200 }),
    "default-template": fc.constantFrom("map", "json", "JSON"),
    "template-static-secret-render-interval": fc.constantFrom("30s", "1h"),
    "template-config-exit-on-retry-failure": fc.constantFrom("true", "false"),
    "disable-idle-connections": fc.constantFrom("auto-auth", "caching,templating"),
  },
  { requiredKeys: [] },
);

describe("measureConfig", () => {
  test("is within one per cent, or 100 bytes, of the model under any flags", () => {
    fc.assert(
      fc.property(flags, fc.array(fc.uuid(), { maxLength: 20 }), (given, ids) => {
        const secrets = Object.fromEntries(
          ids.map((id) => [`agent-inject-secret-${id}`, `secret/data/${id}`]),
        );
        const annotations = prefix({ ...COMMON, ...secrets });
        const model = tryModel(annotations, given);
        if (model === undefined) return;
        const measured = measureConfig(new IndexedAnnotations(Object.entries(annotations)), given);
        expect(Math.abs(measured - model)).toBeLessThanOrEqual(Math.max(100, model / 100));
      }),
    );
  });

  test("is within one per cent, or 100 bytes, of the model", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(file, { selector: ({ id }) => id, minLength: 1, maxLength: 30 }),
        fc.constantFrom("/etc/flyte/secrets", "/x", undefined),
        (files, volume) => {
          const names: Record<string, string> = { ...COMMON };
          if (volume !== undefined) names["secret-volume-path"] = volume;
          for (const each of files) {
            if (each.path.trim() === "") continue;
            names[`agent-inject-secret-${each.id}`] = each.path.toWellFormed();
            if (each.file !== undefined) names[`agent-inject-file-${each.id}`] = each.file;
            if (each.template !== undefined)
              names[`agent-inject-template-${each.id}`] = each.template.toWellFormed();
          }
          const annotations = prefix(names);
          const model = measureModel(annotations);
          const measured = measureConfig(new IndexedAnnotations(Object.entries(annotations)));
          expect(Math.abs(measured - model)).toBeLessThanOrEqual(Math.max(100, model / 100));
        },
      ),
    );
  });

  test("counts what the agent's configuration has of each annotation, and nothing else", () => {
    const keys = [...WHOLE_NAMES, ...SUFFIXED_NAMES.map((name) => `${name}-x`), "unknown"];
    const base = { ...COMMON, "agent-inject-secret-x": "a/b", "agent-inject-template-x": "t" };
    let compared = 0;
    for (const key of keys) {
      for (const value of ["9".repeat(4000), `[${" ".repeat(4000)}]`]) {
        const annotations = prefix({ ...base, [key]: value });
        const model = tryModel(annotations);
        if (model === undefined) continue;
        compared++;
        const error = Math.abs(measureConfig(new IndexedAnnotations(Object.entries(annotations))) - model);
        expect({ key, error: error > 100 ? error : 0 }).toEqual({ key, error: 0 });
      }
    }
    expect(compared).toBeGreaterThan(70);
  });

  test("counts the names of auth-config-…", () => {
    const many = Array.from({ length: 500 }, (_, i) => [
      `auth-config-a_rather_long_name_of_an_option_${i}`,
      "a",
    ]);
    const annotations = prefix({ ...COMMON, "agent-inject-secret-x": "a/b", ...Object.fromEntries(many) });
    const model = measureModel(annotations);
    const measured = measureConfig(new IndexedAnnotations(Object.entries(annotations)));
    expect(Math.abs(measured - model)).toBeLessThanOrEqual(model / 100);
  });

  test("is 0 where a ConfigMap has the configuration", () => {
    expect(measureConfig(new IndexedAnnotations([[`${VAULT}agent-configmap`, "own"]]))).toBe(0);
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: "${env:NAME}" is the syntax under test
/** Every text and list of the schema, with values that are hardly meant: each is told of, or here is why not. */
import { describe, expect, test } from "bun:test";
import { jsonSchema } from "../../src/config/schema-file.ts";
import { issuesOf } from "./expect.ts";

/** What is tried on a text, and on the items of a list of texts. */
const TRIED = {
  empty: () => "",
  blanks: (good: string) => ` ${good}\n`,
  nothing: () => [],
  twice: (good: string) => [good, good],
} as const;
type Slip = keyof typeof TRIED;

/** A setting: a valid text, and the slips that mean something, with what they mean. */
interface Setting {
  readonly good: string;
  readonly fine?: Partial<Readonly<Record<Slip, string>>>;
}

const PATTERNS = { nothing: "an empty list protects nothing, and is the default" };
const MANAGERS = {
  blanks: "read without blanks, as in Flyte",
  twice: "as in Flyte",
  nothing: "as in Flyte: the default",
};
const JUDGED = { empty: "the rules for pods judge it", blanks: "the rules for pods judge it" };
const LABELS = { empty: "a label's value may be empty" };
const FLAGS = { empty: "the model of the injector judges it", blanks: "the model of the injector judges it" };

/** Every setting of a text or texts, by its path; `[]` is an item of a list, `{}` a value of a map. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  "webhook.secretManagerTypes[]": { good: "Vault", fine: MANAGERS },
  "webhook.secretManagerType": { good: "Vault", fine: MANAGERS },
  "webhook.vaultSecretManager.role": {
    good: "flyte",
    fine: { empty: "sets an empty annotation, which the rules for pods report" },
  },
  "webhook.vaultSecretManager.annotations{}": { good: "v", fine: JUDGED },
  "webhook.vaultSecretManager.kvVersion": { good: "2" },
  "webhook.listenPort": { good: "9443" },
  "webhook.servicePort": { good: "443" },
  "webhook.webhookTimeout": { good: "10" },
  "webhook.certDir": { good: "/certs" },
  "webhook.serviceName": { good: "webhook" },
  "webhook.metrics-prefix": { good: "flyte:", fine: { empty: "no prefix" } },
  "webhook.namespaceSelector.matchLabels{}": { good: "v", fine: LABELS },
  "webhook.namespaceSelector.matchExpressions[].key": { good: "team" },
  "webhook.namespaceSelector.matchExpressions[].operator": { good: "In" },
  "webhook.namespaceSelector.matchExpressions[].values[]": { good: "v", fine: LABELS },
  "plugins[].use": { good: "namespace" },
  "plugins[].when.projects[]": { good: "p" },
  "plugins[].when.domains[]": { good: "d" },
  "plugins[].when.namespaces[]": { good: "n" },
  "plugins[].when.labels{}": { good: "v" },
  "plugins[].when.labels{}[]": { good: "v" },
  "plugins[].when.serviceAccounts[]": { good: "s" },
  "plugins[].when.groups[]": { good: "g" },
  "plugins[].allow[]": { good: "acme.io/*", fine: { nothing: "the default: no further keys" } },
  "plugins[].onError": { good: "deny" },
  "plugins[].timeout": { good: "1s" },
  "plugins[].isolate": { good: "none" },
  "policy.profile": { good: "flyte" },
  "policy.ids": { good: "stable" },
  "policy.fileNames": { good: "flyte" },
  "policy.fileNames[]": { good: "flyte" },
  "policy.envVars": { good: "refuse" },
  "policy.envVars.mode": { good: "file-key-ref" },
  "policy.envVars.nodes": { good: "all-1.35-or-newer" },
  "policy.locked[]": { good: "acme.io/a", fine: PATTERNS },
  "policy.denied[]": { good: "acme.io/a", fine: PATTERNS },
  "policy.mode": { good: "enforce" },
  "policy.unclaimed": { good: "deny" },
  "server.admission.host": { good: "0.0.0.0" },
  "server.management.host": { good: "127.0.0.1" },
  "server.management.hosts[]": { good: "preview.example.com", fine: { nothing: "the default" } },
  "server.management.port": { good: "8080" },
  "server.replay": { good: "32" },
  "server.preview.token": { good: "t0ken" },
  "server.clientCa": { good: "/certs/ca.crt" },
  "server.reload.refuse": { good: "newly-refused" },
  "audit.paths": { good: "full" },
  "injector.version": { good: "1.7.6" },
  "injector.flags{}": { good: "info", fine: FLAGS },
};

/** A name in each map: it has to be one of the injector's options, and may be any label or annotation. */
const NAME = "log-level";

/** Settings that others need beside them. */
const BESIDE: readonly (readonly [path: RegExp, beside: object])[] = [
  [/^plugins\[\]$/, { use: "namespace" }],
  [/matchExpressions\[\]$/, { key: "team", operator: "In", values: ["v"] }],
  [/envVars$/, { mode: "file-key-ref", nodes: "all-1.35-or-newer" }],
];

/** Puts a value at a path of {@link SETTINGS}. */
function build(path: string, value: unknown): unknown {
  const cut = Math.max(path.lastIndexOf("."), path.lastIndexOf("["), path.lastIndexOf("{"));
  if (path === "") return value;
  if (cut < 0) return { [path]: value };
  const [above, step] = [path.slice(0, cut), path.slice(cut)];
  if (step === "[]") return build(above, Array.isArray(value) ? value : [value]);
  if (step === "{}") return build(above, { [NAME]: value });
  const beside = BESIDE.find(([at]) => at.test(above))?.[1];
  return build(above, { ...beside, [step.slice(1)]: value });
}

/** Paths of all texts in the JSON Schema. A map is also taken as a list of maps, which is not repeated here. */
function listTexts(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const {
    anyOf = [],
    properties = {},
    ...own
  } = schema as Readonly<Record<string, unknown>> & {
    anyOf?: readonly unknown[];
    properties?: Readonly<Record<string, unknown>>;
  };
  const isText =
    own.type === "string" || (Array.isArray(own.enum) && own.enum.some((one) => typeof one === "string"));
  return [
    ...(isText || typeof own.const === "string" ? [path] : []),
    ...anyOf.flatMap((one) => listTexts(one, path)),
    ...listTexts(own.items, `${path}[]`),
    ...listTexts(own.additionalProperties, `${path}{}`),
    ...Object.entries(properties).flatMap(([name, one]) =>
      listTexts(one, path === "" ? name : `${path}.${name}`),
    ),
  ];
}

test("the table has every text of the schema", () => {
  const paths = listTexts(jsonSchema, "").filter((path) => !path.includes("[]{}"));
  expect(Object.keys(SETTINGS).toSorted()).toEqual([...new Set(paths)].toSorted());
});

const cases = Object.entries(SETTINGS).flatMap(([path, setting]) =>
  (Object.keys(TRIED) as Slip[])
    .filter((slip) => path.endsWith("[]") || slip === "empty" || slip === "blanks")
    .map((slip) => [path, slip, setting] as const),
);

test.each(cases)("%s, %s", (path, slip, { good, fine }) => {
  const place = path.replace(/\[\]$/, "").replaceAll("[]", "[0]").replaceAll("{}", `.${NAME}`);
  // What does not fit a choice of forms is told of at the choice.
  const isAt = (at: string) =>
    at.startsWith(place) || place.startsWith(`${at}.`) || place.startsWith(`${at}[`);
  const issuesAt = (value: unknown) =>
    issuesOf(build(path, value) as object).filter(
      (issue) => issue.severity !== "info" && isAt(issue.path ?? ""),
    );
  expect(issuesAt(good)).toEqual([]);
  const told = issuesAt(TRIED[slip](good));
  if (fine?.[slip]) expect(told).toEqual([]);
  else expect(told[0]?.help).toBeString();
});

describe("what is told, in words", () => {
  const when = (text: string) => `plugins: [{ use: namespace, when: { ${text} } }]`;
  test.each([
    [
      "webhook: { vaultSecretManager: { role: 'flyte ' } }",
      "config.blanks",
      'role is "flyte ", whose value has blanks',
    ],
    [
      when("projects: []"),
      "config.when-nothing",
      "plugins[0].when.projects is an empty list, which matches nothing",
    ],
    [when("labels: { team: [] }"), "config.when-nothing", "plugins[0].when.labels.team is an empty list"],
    [
      when("namespaces: [Fraud]"),
      "config.when-unmatched",
      'when.namespaces[0] is "Fraud", which never matches a namespace',
    ],
    [when("namespaces: ['{project}-*']"), "config.when-unmatched", "which never matches a namespace"],
    [
      when("projects: [flytesnacks/development]"),
      "config.when-unmatched",
      "which never matches a label's value",
    ],
    [
      when("labels: { team: a b }"),
      "config.when-unmatched",
      'when.labels.team is "a b", which never matches',
    ],
    [
      when("serviceAccounts: [Spark]"),
      "config.when-unmatched",
      "which never matches a service account's name",
    ],
    [when("groups: ['secret/data/{project}/*']"), "config.when-unmatched", "which never matches a group"],
    [when("groups: [/secret/data/team]"), "config.when-unmatched", "which never matches a group"],
    [when("groups: [secret//team]"), "config.when-unmatched", "which never matches a group"],
    [when(`domains: [${"d".repeat(64)}]`), "config.when-unmatched", "which never matches a label's value"],
    [
      "policy: { fileNames: [flyte, flyte] }",
      "config.twice",
      'policy.fileNames[1] is "flyte", which the same list has',
    ],
    [
      "webhook: { vaultSecretManager: { role: a, annotations: { vault.hashicorp.com/role: b } } }",
      "config.role-twice",
      'The annotation vault.hashicorp.com/role ("b") is used instead of webhook.vaultSecretManager.role',
    ],
    [
      "webhook: { vaultSecretManager: { annotations: [{ x/A: a }, { x/A: b }] } }",
      "config.annotation-twice",
      'has "x/A" twice',
    ],
    ["server: { management: { hosts: ['http://x:8080'] } }", "config.value", "expected a host name such as"],
    ["server: { management: { hosts: ['*.example.com'] } }", "config.value", "expected a host name such as"],
    [
      "server: { management: { host: '127.0.0.1:80' } }",
      "config.value",
      "expected a host name or an IP address",
    ],
    [
      "webhook: { namespaceSelector: { matchExpressions: [{ key: a, operator: Exists, values: [b] }] } }",
      "config.value",
      "expected values with the operators In and NotIn",
    ],
  ])("%s", (text, code, message) => {
    const [issue] = issuesOf(text);
    expect(issue?.code ?? "").toBe(code);
    expect(issue?.message).toContain(message);
  });

  test.each([
    when("projects: ['*'], domains: ['prod*'], namespaces: ['*-production'], labels: { a/b: ['*'] }"),
    when("serviceAccounts: [spark.operator], groups: ['secret/data/*', 'a?version=1', '../*', 'päth/*/x']"),
    "webhook: { vaultSecretManager: { role: a, annotations: { vault.hashicorp.com/role: a } } }",
    "webhook: { vaultSecretManager: { annotations: { vault.hashicorp.com/role: b } } }",
    "server: { management: { host: '[::1]', hosts: [Preview.Example.com., a_b] }, admission: { host: '::' } }",
  ])("nothing of %s", (text) => {
    const own = issuesOf(text).filter(({ severity }) => severity !== "info");
    expect(own).toEqual([]);
  });

  test("never the value of a variable: the token's variable is named", () => {
    const env = { TOKEN: "hunter2\n", ROLE: "hunter3 " };
    const text =
      "server: { preview: { token: '${env:TOKEN}' } }\nwebhook: { vaultSecretManager: { role: '${env:ROLE}' } }";
    const told = JSON.stringify(issuesOf(text, { env }));
    expect(told).toContain("${env:TOKEN}");
    expect(told).not.toContain("hunter");
    const role = issuesOf("webhook: { vaultSecretManager: { role: '${env:ROLE}' } }", { env });
    expect(role.map(({ code }) => code)).toEqual(["config.blanks"]);
    expect(JSON.stringify(role)).not.toContain("hunter");
  });
});

import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import pathPolicy from "../../plugins/path-policy.ts";
import { fileIds } from "./ids.ts";

const VAULT = "vault.hashicorp.com/";
const prefix = "secret/data/{project}/{domain}/";
const who = { project: "fraud", domain: "production" };
const asks = (...groups: string[]) => ({
  secrets: groups.map((group) => ({ group, key: "api_key", group_version: "kv2" })),
});
const s0 = "flyte.secrets/s0";

test("path-policy: prefix", () =>
  testPlugin(pathPolicy, {
    valid: [
      {
        name: "before every group",
        with: { prefix },
        ...who,
        ...asks("db", "mail"),
        expect: {
          requests: {
            [s0]: { group: "secret/data/fraud/production/db" },
            "flyte.secrets/s1": { group: "secret/data/fraud/production/mail" },
          },
        },
      },
      {
        name: "a group that has it stays",
        with: { prefix },
        ...who,
        ...asks("secret/data/fraud/production/db"),
        expect: {},
      },
      {
        name: "a group of another project does not get out",
        with: { prefix },
        ...who,
        ...asks("secret/data/other/production/db"),
        expect: {
          requests: { [s0]: { group: `secret/data/fraud/production/secret/data/other/production/db` } },
        },
      },
      {
        name: "nor by dots",
        with: { prefix },
        ...who,
        ...asks("secret/data/fraud/production/../../other/db"),
        expect: { denied: ".." },
      },
      {
        name: "kept groups stay",
        with: { prefix, keep: ["database/creds/{project}-*"] },
        ...who,
        secrets: [{ group: "database/creds/fraud-ro", key: "k", group_version: "db" }],
        expect: {},
      },
      {
        name: "kept groups are the pod's own",
        with: { prefix, keep: ["database/creds/{project}-*"] },
        ...who,
        secrets: [{ group: "database/creds/other-ro", key: "k", group_version: "db" }],
        expect: { requests: { [s0]: { group: "secret/data/fraud/production/database/creds/other-ro" } } },
      },
      {
        name: "a pod without the label",
        with: { prefix },
        project: "fraud",
        ...asks("db"),
        expect: { issues: ["nameless"], denied: "The pod has no domain that can be part of a Vault path" },
      },
      {
        name: "a label that is a pattern",
        with: { prefix },
        project: "*",
        domain: "../x",
        ...asks("db"),
        expect: { issues: ["nameless", "nameless"], denied: "The pod has no project" },
      },
      {
        name: "namespace and service account",
        with: { prefix: "kv/{namespace}/{serviceAccount}/" },
        namespace: "ns",
        serviceAccount: "trainer",
        ...asks("db"),
        expect: { requests: { [s0]: { group: "kv/ns/trainer/db" } } },
      },
    ],
    invalid: [
      {
        name: "an unknown place",
        with: { prefix: "secret/{team}/" },
        message: "in braces there can be namespace",
      },
      { name: "a member of every object", with: { prefix: "secret/{constructor}/" }, message: "in braces" },
      {
        name: "an open brace",
        with: { prefix: "secret/{project/" },
        message: "braces that do not belong together",
      },
      {
        name: "no slash at its end",
        with: { prefix: "secret/data/{project}" },
        message: "with a slash at the end",
      },
      { name: "a slash at its beginning", with: { prefix: "/secret/" }, message: "none at the beginning" },
      { name: "dots", with: { prefix: "secret/../" }, message: "dotted parts" },
      { name: "a star", with: { prefix: "secret/*/" }, message: "a path such as" },
      { name: "nothing to keep from", with: { keep: ["x"] }, message: "keep needs a prefix" },
    ],
  }));

test("path-policy: allow and deny", () =>
  testPlugin(pathPolicy, {
    valid: [
      {
        name: "allowed",
        with: { allow: ["secret/data/team/*"] },
        ...asks("secret/data/team/db"),
        expect: {},
      },
      {
        name: "not allowed, and every path named",
        with: { allow: ["secret/data/team/*"] },
        ...asks("secret/data/other", "secret/data/third", "secret/data/team/db"),
        expect: {
          issues: ["not-allowed", "not-allowed"],
          denied: 'The Vault path "secret/data/other" is not among those that the platform allows',
        },
      },
      {
        name: "denied wins",
        with: { allow: ["secret/*"], deny: ["*/admin"] },
        ...asks("secret/data/admin"),
        expect: {
          issues: ["denied"],
          denied: 'The Vault path "secret/data/admin" is denied by the platform',
        },
      },
      {
        name: "what is denied, without the data that the agent puts in",
        with: { deny: ["secret/data/admin", "team/kv/data/{project}/*"] },
        ...who,
        ...asks("secret/admin?version=3", "team/kv/fraud/x", "secret/other", "team/kv/other/x"),
        expect: { issues: ["denied", "denied"], denied: 'The Vault path "secret/admin?version=3" is denied' },
      },
      {
        name: "what is denied by a pattern without data, with it",
        with: { deny: ["secret/admin", "team/kv/{project}/*"] },
        ...who,
        ...asks(
          "secret/data/admin",
          "team/kv/data/fraud/x?version=2",
          "secret/data/other",
          "team/kv/data/other/x",
        ),
        expect: { issues: ["denied", "denied"], denied: 'The Vault path "secret/data/admin" is denied' },
      },
      {
        name: "another version of what is denied",
        with: { deny: ["secret/data/admin"] },
        ...asks("secret/data/admin?version=3"),
        expect: { issues: ["denied"], denied: "is denied by the platform" },
      },
      {
        name: "another version of what is allowed",
        with: { allow: ["secret/data/team"] },
        ...asks("secret/data/team?version=3"),
        expect: {},
      },
      {
        name: "by the pod's own project",
        with: { allow: ["secret/data/{project}/*"] },
        project: "fraud",
        ...asks("secret/data/other/db"),
        expect: { issues: ["not-allowed"], denied: "not among those" },
      },
      {
        name: "the path that is read in the end",
        with: { prefix: "secret/data/", deny: ["secret/data/admin"] },
        ...asks("admin"),
        expect: {
          requests: { [s0]: { group: "secret/data/admin" } },
          issues: ["denied"],
          denied: "secret/data/admin",
        },
      },
    ],
    invalid: [
      { name: "an empty list", with: { allow: [] }, message: "not empty" },
      { name: "an empty string", with: { deny: [""] }, message: "non-empty" },
      { name: "foreign as a flag", with: { foreign: true }, message: "deny or allow" },
      { name: "a typo", with: { allows: ["x"] }, message: "allows" },
    ],
  }));

test("path-policy: what the pod declares itself", async () => {
  const group = "secret/data/team";
  const [id] = await fileIds([{ group, key: "api_key", group_version: "kv2" }]);
  const own = (name: string, value: string) => ({ annotations: { [VAULT + name]: value }, ...asks(group) });
  const refused = (key: string) => ({
    issues: ["foreign"],
    denied: `The pod sets the annotation ${VAULT}${key}, which the platform does not allow: with it a pod `,
  });
  await testPlugin(pathPolicy, {
    valid: [
      { name: "nothing", ...asks(group), expect: {} },
      { name: "a secret", ...own("agent-inject-secret-x", group), expect: refused("agent-inject-secret-x") },
      {
        name: "a template",
        ...own("agent-inject-template-x", '{{ with secret "other" }}{{ end }}'),
        expect: refused("agent-inject-template-x"),
      },
      {
        name: "a template file",
        ...own("agent-inject-template-file-x", "/app/x.tmpl"),
        expect: refused("agent-inject-template-file-x"),
      },
      {
        name: "a whole configuration",
        ...own("agent-configmap", "mine"),
        expect: refused("agent-configmap"),
      },
      {
        name: "another template for a request's own id",
        annotations: {
          [`${VAULT}agent-inject-secret-${id}`]: group,
          [`${VAULT}agent-inject-file-${id}`]: `${group}/api_key`,
          [`${VAULT}agent-inject-template-${id}`]: '{{ with secret "secret/data/other" }}{{ end }}',
        },
        ...asks(group),
        expect: refused(`agent-inject-template-${id}`),
      },
      {
        name: "another path for a request's own id",
        ...own(`agent-inject-secret-${id}`, "secret/data/other"),
        expect: refused(`agent-inject-secret-${id}`),
      },
      ...["agent-inject-token", "agent-cache-enable", "agent-copy-volume-mounts", "agent-json-patch"].map(
        (name) => ({
          name,
          ...own(name, "x"),
          expect: refused(name),
        }),
      ),
      {
        name: "delimiters of a request's template",
        ...own(`agent-template-left-delim-${id}`, "[["),
        expect: refused(`agent-template-left-delim-${id}`),
      },
      { name: "another Vault namespace", ...own("namespace", "other"), expect: refused("namespace") },
      { name: "a role, which Vault judges", ...own("role", "other"), expect: {} },
      {
        name: "settings of the agent are no secrets",
        ...own("agent-limits-cpu", "1"),
        expect: {},
      },
      {
        name: "the configuration's own secrets",
        config: { [`${VAULT}agent-inject-secret-shared`]: "secret/data/shared" },
        ...asks(group),
        expect: {},
      },
      {
        name: "let be",
        with: { foreign: "allow" },
        ...own("agent-inject-secret-x", "secret/data/other"),
        expect: {},
      },
    ],
    invalid: [],
  });
});

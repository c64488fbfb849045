import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import roleMap from "../../plugins/role-map.ts";

const KEY = "vault.hashicorp.com/role";
const set = (role: string) => ({ annotations: { [KEY]: role } });

const rules = [
  { projects: ["fraud"], domains: ["prod*"], role: "fraud-production" },
  { namespaces: ["ml-*", "research"], role: "ml" },
  { serviceAccounts: ["trainer"], role: "trainer" },
  { projects: ["*"], domains: ["production"], role: "any-production" },
];

test("role-map", () =>
  testPlugin(roleMap, {
    valid: [
      {
        name: "project and domain",
        with: { rules },
        project: "fraud",
        domain: "production",
        expect: set("fraud-production"),
      },
      { name: "one of the two", with: { rules }, project: "fraud", domain: "staging", expect: {} },
      { name: "no label, no match with *", with: { rules }, domain: "production", expect: {} },
      { name: "namespace by glob", with: { rules }, namespace: "ml-7", expect: set("ml") },
      { name: "namespace by name", with: { rules }, namespace: "research", expect: set("ml") },
      {
        name: "the first match wins",
        with: { rules },
        namespace: "ml-7",
        serviceAccount: "trainer",
        expect: set("ml"),
      },
      { name: "service account", with: { rules }, serviceAccount: "trainer", expect: set("trainer") },
      {
        name: "service account of pods that name none",
        with: { rules: [{ serviceAccounts: ["default"], role: "plain" }] },
        expect: set("plain"),
      },
      { name: "default", with: { rules, default: "flyte-low" }, expect: set("flyte-low") },
      {
        name: "the pod's own role wins",
        with: { rules, default: "flyte-low" },
        annotations: { [KEY]: "mine" },
        expect: set("flyte-low"),
      },
      {
        name: "required and matched",
        with: { rules, required: true },
        namespace: "ml-7",
        expect: set("ml"),
      },
      {
        name: "required and unmatched, whatever the pod says itself",
        with: { rules, required: true },
        namespace: "ns",
        annotations: { [KEY]: "mine" },
        expect: { issues: ["unmatched"], denied: 'No Vault role is configured for pods of namespace "ns"' },
      },
    ],
    invalid: [
      { name: "nothing", with: {}, message: "rules" },
      { name: "no rule", with: { rules: [] }, message: "at least one rule" },
      { name: "a rule for all", with: { rules: [{ role: "r" }] }, message: "there is `default`" },
      { name: "a rule without a role", with: { rules: [{ projects: ["p"] }] }, message: "role" },
      { name: "an empty list", with: { rules: [{ role: "r", projects: [] }] }, message: "not empty" },
      {
        name: "a string for a list",
        with: { rules: [{ role: "r", projects: "p" }] },
        message: "rules.0.projects: a list of strings",
      },
      {
        name: "a role that Vault cannot have",
        with: { rules: [{ role: "a b", projects: ["p"] }] },
        message: "a Vault role",
      },
      { name: "a typo", with: { rules: [{ role: "r", project: ["p"] }] }, message: "rules.0.project" },
      {
        name: "default and required",
        with: { rules, default: "r", required: true },
        message: "default or required",
      },
    ],
  }));

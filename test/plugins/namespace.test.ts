import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import namespace from "../../plugins/namespace.ts";

const KEY = "vault.hashicorp.com/namespace";
const set = (value: string) => ({ annotations: { [KEY]: value } });

const maps = {
  byNamespace: { "kube-flyte": "by-namespace", "risk-*": "risk", "risk-eu-*": "never" },
  byProject: { fraud: "by-project", "*": "any-project" },
  byDomain: { production: "by-domain" },
  namespace: "shared",
};
const only = { byProject: { fraud: "team-fraud" }, required: true };

test("namespace", () =>
  testPlugin(namespace, {
    valid: [
      // Flyte's own documentation: vault.hashicorp.com/namespace: "team-a".
      { name: "fixed", with: { namespace: "team-a" }, expect: set("team-a") },
      { name: "below another", with: { namespace: "admin/team-a" }, expect: set("admin/team-a") },
      { name: "with Vault's own slash", with: { namespace: "admin/team-a/" }, expect: set("admin/team-a/") },
      { name: "root", with: { namespace: "root" }, expect: set("root") },
      {
        name: "Kubernetes namespace before project",
        with: maps,
        namespace: "kube-flyte",
        project: "fraud",
        domain: "production",
        expect: set("by-namespace"),
      },
      { name: "first pattern", with: maps, namespace: "risk-eu-1", expect: set("risk") },
      {
        name: "project before domain, exact before pattern",
        with: maps,
        project: "fraud",
        domain: "production",
        expect: set("by-project"),
      },
      { name: "pattern", with: maps, project: "other", domain: "production", expect: set("any-project") },
      { name: "domain", with: maps, domain: "production", expect: set("by-domain") },
      { name: "none named", with: maps, domain: "staging", expect: set("shared") },
      { name: "unmatched", with: { ...only, required: false }, project: "other", expect: {} },
      { name: "required and matched", with: only, project: "fraud", expect: set("team-fraud") },
      {
        name: "required and unmatched",
        with: only,
        project: "other",
        namespace: "ns",
        domain: "dev",
        expect: {
          issues: ["unmatched"],
          denied:
            'No Vault namespace is configured for pods of namespace "ns", project "other", domain "dev"',
        },
      },
      {
        name: "required, and set by the configuration",
        with: only,
        config: { [KEY]: "configured" },
        expect: {},
      },
      {
        name: "names of an object's own members match nothing",
        with: { byProject: { fraud: "x" } },
        project: "constructor",
        expect: {},
      },
    ],
    invalid: [
      { name: "nothing", with: {}, message: "at least one of them" },
      { name: "only required", with: { required: true }, message: "at least one of them" },
      { name: "empty", with: { namespace: "" }, message: "a Vault namespace such as" },
      { name: "a blank", with: { namespace: "team a" }, message: "a Vault namespace such as" },
      { name: "two slashes", with: { namespace: "a//b" }, message: "a Vault namespace such as" },
      { name: "dots", with: { namespace: "a/../b" }, message: "a Vault namespace such as" },
      { name: "Vault's own name", with: { namespace: "team/sys" }, message: "none of them sys" },
      { name: "root below another", with: { namespace: "admin/root" }, message: "root below another" },
      { name: "a number", with: { namespace: 1 }, message: "namespace: a Vault namespace" },
      { name: "in a map", with: { byProject: { fraud: "" } }, message: "byProject.fraud" },
      { name: "an empty map", with: { byDomain: {} }, message: "byDomain: a map with at least one name" },
      { name: "a typo", with: { namespce: "team-a" }, message: "namespce" },
      { name: "required as text", with: { namespace: "a", required: "yes" }, message: "true or false" },
    ],
  }));

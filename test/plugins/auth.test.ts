import { test } from "bun:test";
import { type InvalidCase, testPlugin, type ValidCase } from "flyte-vault-webhook/testing";
import auth from "../../plugins/auth.ts";

const VAULT = "vault.hashicorp.com/";

/** A case by the annotations' names without the domain. */
const takes = (
  name: string,
  options: object,
  annotations: Record<string, string | null>,
  pod: Partial<ValidCase> = {},
): ValidCase => ({ name, with: options, ...pod, expect: { annotations: inVault(annotations) } });

const refuses = (name: string, options: object, message: string): InvalidCase => ({
  name,
  with: options,
  message,
});

const inVault = <Value>(annotations: Record<string, Value>) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [VAULT + name, value]));

const paths = { "eu-1": "auth/kubernetes-eu-1", "us-1": "auth/kubernetes-us-1" };

test("auth: kubernetes", () =>
  testPlugin(auth, {
    valid: [
      takes("alone", { method: "kubernetes" }, { "auth-type": "kubernetes", "auth-path": "auth/kubernetes" }),
      takes(
        "mount of the cluster",
        { method: "kubernetes", cluster: "us-1", paths, role: "flyte" },
        { "auth-type": "kubernetes", "auth-path": "auth/kubernetes-us-1", role: "flyte" },
      ),
      takes(
        "token volume",
        { method: "kubernetes", path: "auth/k8s", tokenVolume: "vault-token" },
        {
          "auth-type": "kubernetes",
          "auth-path": "auth/k8s",
          "agent-service-account-token-volume-name": "vault-token",
        },
        {
          spec: {
            volumes: [
              { name: "vault-token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
            ],
          },
        },
      ),
      takes(
        "parameters of another login are taken away",
        { method: "kubernetes" },
        { "auth-config-type": null, "auth-type": "kubernetes", "auth-path": "auth/kubernetes" },
        { config: inVault({ "auth-type": "gcp", "auth-path": "auth/gcp", "auth-config-type": "iam" }) },
      ),
      takes(
        "a pod's own login is left alone",
        { method: "kubernetes" },
        {},
        { annotations: inVault({ "auth-type": "cert", "auth-path": "auth/cert" }) },
      ),
      takes(
        "a pod's own mount of the same login wins",
        { method: "kubernetes" },
        { "auth-type": "kubernetes", "auth-path": "auth/kubernetes" },
        { annotations: inVault({ "auth-path": "auth/other" }) },
      ),
    ],
    invalid: [
      refuses(
        "a cluster that paths lacks",
        { method: "kubernetes", cluster: "ap-1", paths },
        'no cluster "ap-1"; it has eu-1, us-1',
      ),
      refuses(
        "a name of every object",
        { method: "kubernetes", cluster: "toString", paths },
        'no cluster "toString"',
      ),
      refuses("paths without a cluster", { method: "kubernetes", paths }, "cluster and paths"),
      refuses("a cluster without paths", { method: "kubernetes", cluster: "eu-1" }, "cluster and paths"),
      refuses(
        "path and paths",
        { method: "kubernetes", path: "auth/k", cluster: "eu-1", paths },
        "path or paths: not both",
      ),
      refuses(
        "a path without auth/",
        { method: "kubernetes", path: "kubernetes" },
        "the path of an auth method",
      ),
      refuses(
        "a volume's name in capitals",
        { method: "kubernetes", tokenVolume: "Token" },
        "the name of a volume",
      ),
    ],
  }));

test("auth: clouds", () =>
  testPlugin(auth, {
    valid: [
      takes(
        "aws iam",
        { method: "aws", type: "iam", region: "eu-west-1", headerValue: "vault.acme.io", role: "flyte" },
        {
          "auth-type": "aws",
          "auth-path": "auth/aws",
          "auth-config-type": "iam",
          "auth-config-region": "eu-west-1",
          "auth-config-header-value": "vault.acme.io",
          role: "flyte",
        },
      ),
      takes(
        "aws ec2",
        { method: "aws", type: "ec2", nonce: "n" },
        {
          "auth-type": "aws",
          "auth-path": "auth/aws",
          "auth-config-type": "ec2",
          "auth-config-nonce": "n",
        },
      ),
      takes(
        "azure managed identity",
        { method: "azure", resource: "https://management.azure.com/", clientId: "c-1" },
        {
          "auth-type": "azure",
          "auth-path": "auth/azure",
          "auth-config-resource": "https://management.azure.com/",
          "auth-config-client-id": "c-1",
          "auth-config-authenticate-from-environment": "false",
        },
      ),
      takes(
        "azure workload identity",
        { method: "azure", resource: "api://vault", fromEnvironment: true, scope: "api://vault/.default" },
        {
          "auth-type": "azure",
          "auth-path": "auth/azure",
          "auth-config-resource": "api://vault",
          "auth-config-authenticate-from-environment": "true",
          "auth-config-scope": "api://vault/.default",
        },
      ),
    ],
    invalid: [
      refuses("no method", {}, "method is kubernetes, aws"),
      refuses("gcp", { method: "gcp" }, "use the plugin gcp-auth"),
      refuses("aws without a type", { method: "aws" }, "type is iam or ec2"),
      refuses("aws of gcp's type", { method: "aws", type: "gce" }, "type is iam or ec2"),
      refuses("a nonce for iam", { method: "aws", type: "iam", nonce: "n" }, "nonce"),
      refuses("a header for ec2", { method: "aws", type: "ec2", headerValue: "v" }, "headerValue"),
      refuses(
        "a zone for a region",
        { method: "aws", type: "iam", region: "eu-west-1a" },
        "region: an AWS region",
      ),
      refuses(
        "keys in the configuration",
        { method: "aws", type: "iam", access_key: "AKIA", secret_key: "x" },
        "access_key",
      ),
      refuses("azure without a resource", { method: "azure" }, 'Expected "resource"'),
      refuses(
        "azure with two identities",
        { method: "azure", resource: "r", objectId: "o", clientId: "c" },
        "the agent refuses both",
      ),
      refuses(
        "azure identity twice",
        { method: "azure", resource: "r", clientId: "c", fromEnvironment: true },
        "not read with fromEnvironment",
      ),
      refuses(
        "azure scope unread",
        { method: "azure", resource: "r", scope: "s" },
        "only read with fromEnvironment",
      ),
    ],
  }));

test("auth: jwt, approle, cert", () =>
  testPlugin(auth, {
    valid: [
      takes(
        "jwt",
        { method: "jwt", role: "flyte" },
        {
          "auth-type": "jwt",
          "auth-path": "auth/jwt",
          "auth-config-path": "/var/run/secrets/kubernetes.io/serviceaccount/token",
          "auth-config-remove-jwt-after-reading": "false",
          role: "flyte",
        },
      ),
      takes(
        "jwt of a token that is used up",
        { method: "jwt", path: "auth/oidc", tokenPath: "/run/token", removeAfterReading: true },
        {
          "auth-type": "jwt",
          "auth-path": "auth/oidc",
          "auth-config-path": "/run/token",
          "auth-config-remove-jwt-after-reading": "true",
        },
      ),
      takes(
        "approle",
        { method: "approle", extraSecret: "flyte-approle" },
        {
          "auth-type": "approle",
          "auth-path": "auth/approle",
          "agent-extra-secret": "flyte-approle",
          "auth-config-role-id-file-path": "/vault/custom/role-id",
        },
      ),
      takes(
        "approle with a wrapped secret id",
        {
          method: "approle",
          extraSecret: "flyte-approle",
          secretIdPath: "/vault/custom/secret-id",
          wrappingPath: "auth/approle/role/flyte/secret-id",
        },
        {
          "auth-type": "approle",
          "auth-path": "auth/approle",
          "agent-extra-secret": "flyte-approle",
          "auth-config-role-id-file-path": "/vault/custom/role-id",
          "auth-config-secret-id-file-path": "/vault/custom/secret-id",
          "auth-config-remove-secret-id-file-after-reading": "false",
          "auth-config-secret-id-response-wrapping-path": "auth/approle/role/flyte/secret-id",
        },
      ),
      takes(
        "cert",
        { method: "cert", name: "flyte", tlsSecret: "flyte-client" },
        {
          "auth-type": "cert",
          "auth-path": "auth/cert",
          "auth-config-name": "flyte",
          "tls-secret": "flyte-client",
          "client-cert": "/vault/tls/tls.crt",
          "client-key": "/vault/tls/tls.key",
        },
      ),
    ],
    invalid: [
      refuses("a relative token", { method: "jwt", tokenPath: "token" }, "an absolute path"),
      refuses("approle without its Secret", { method: "approle" }, "nothing is mounted at /vault/custom"),
      refuses(
        "a wrapped nothing",
        { method: "approle", extraSecret: "s", wrappingPath: "auth/approle/x" },
        "only read with secretIdPath",
      ),
      refuses("a role for approle", { method: "approle", extraSecret: "s", role: "flyte" }, "role"),
      refuses("cert without its Secret", { method: "cert" }, "nothing is mounted at /vault/tls"),
      refuses(
        "a Secret's name in capitals",
        { method: "cert", tlsSecret: "Flyte" },
        "the name of a Kubernetes Secret",
      ),
      refuses(
        "reload, which the injector cannot pass",
        { method: "cert", tlsSecret: "s", reload: true },
        "reload",
      ),
    ],
  }));

import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import gcpAuth from "../../plugins/gcp-auth.ts";

const VAULT = "vault.hashicorp.com/";
const ACCOUNT = "flyte@my-project.iam.gserviceaccount.com";

const gce = {
  [`${VAULT}auth-type`]: "gcp",
  [`${VAULT}auth-path`]: "auth/gcp",
  [`${VAULT}auth-config-type`]: "gce",
};
const iam = {
  ...gce,
  [`${VAULT}auth-config-type`]: "iam",
  [`${VAULT}auth-config-service-account`]: ACCOUNT,
};

test("gcp-auth", () =>
  testPlugin(gcpAuth, {
    valid: [
      // What Flyte's documentation means by vault.hashicorp.com/auth-config-type: "gcp", in words that Vault knows.
      { name: "gce", with: { type: "gce" }, expect: { annotations: gce } },
      {
        name: "gce with everything",
        with: { type: "gce", path: "auth/gcp-eu", role: "flyte-role", serviceAccount: "default" },
        expect: {
          annotations: {
            ...gce,
            [`${VAULT}auth-path`]: "auth/gcp-eu",
            [`${VAULT}role`]: "flyte-role",
            [`${VAULT}auth-config-service-account`]: "default",
          },
        },
      },
      { name: "iam", with: { type: "iam", serviceAccount: ACCOUNT }, expect: { annotations: iam } },
      {
        name: "iam with everything",
        with: {
          type: "iam",
          serviceAccount: ACCOUNT,
          role: "flyte",
          project: "my-project",
          credentials: "/vault/custom/key.json",
          jwtExpiration: 10,
        },
        expect: {
          annotations: {
            ...iam,
            [`${VAULT}role`]: "flyte",
            [`${VAULT}auth-config-project`]: "my-project",
            [`${VAULT}auth-config-credentials`]: "/vault/custom/key.json",
            [`${VAULT}auth-config-jwt-exp`]: "10",
          },
        },
      },
      {
        name: "iam, the account named by the credentials",
        with: { type: "iam", credentials: "/vault/custom/key.json" },
        expect: {
          annotations: {
            ...iam,
            [`${VAULT}auth-config-service-account`]: "",
            [`${VAULT}auth-config-credentials`]: "/vault/custom/key.json",
          },
        },
      },
      {
        name: "parameters of another login are taken away",
        with: { type: "gce" },
        config: {
          [`${VAULT}auth-type`]: "jwt",
          [`${VAULT}auth-config-type`]: "gcp",
          [`${VAULT}auth-config-path`]: "/token",
        },
        expect: { annotations: { [`${VAULT}auth-config-path`]: null, ...gce } },
      },
      {
        name: "a pod's own login is left alone",
        with: { type: "gce", role: "flyte" },
        annotations: {
          [`${VAULT}auth-type`]: "jwt",
          [`${VAULT}auth-path`]: "auth/jwt",
          [`${VAULT}auth-config-path`]: "/token",
        },
        expect: {},
      },
    ],
    invalid: [
      { name: "no type", with: {}, message: "type is gce or iam" },
      { name: "gcp, as in Flyte's documentation", with: { type: "gcp" }, message: "type is gce or iam" },
      { name: "iam without an account", with: { type: "iam" }, message: "type iam needs the e-mail address" },
      {
        name: "a path without auth/",
        with: { type: "gce", path: "gcp" },
        message: "the path of an auth method",
      },
      { name: "a role with a slash", with: { type: "gce", role: "a/b" }, message: "a Vault role" },
      { name: "an empty role", with: { type: "gce", role: "" }, message: "a Vault role" },
      {
        name: "a Kubernetes service account",
        with: { type: "iam", serviceAccount: "flyte" },
        message: "the e-mail address of a Google service account",
      },
      {
        name: "an account that leaves its URL",
        with: { type: "gce", serviceAccount: "../x" },
        message: "the e-mail address of a Google service account",
      },
      { name: "project for gce", with: { type: "gce", project: "p" }, message: "project" },
      {
        name: "credentials for gce",
        with: { type: "gce", credentials: "/key.json" },
        message: "credentials",
      },
      {
        name: "half a minute",
        with: { type: "iam", serviceAccount: ACCOUNT, jwtExpiration: 0.5 },
        message: "whole minutes",
      },
      {
        name: "a relative file",
        with: { type: "iam", credentials: "key.json" },
        message: "credentials: an absolute path",
      },
    ],
  }));

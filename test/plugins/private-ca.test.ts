import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import privateCa from "../../plugins/private-ca.ts";

const VAULT = "vault.hashicorp.com/";
const SKIP = `${VAULT}tls-skip-verify`;
const mounted = { [`${VAULT}tls-secret`]: "vault-ca", [`${VAULT}ca-cert`]: "/vault/tls/ca.crt" };

test("private-ca", () =>
  testPlugin(privateCa, {
    valid: [
      { name: "a Secret", with: { tlsSecret: "vault-ca" }, expect: { annotations: mounted } },
      {
        name: "everything",
        with: {
          tlsSecret: "vault-ca",
          caCert: "/vault/tls/root.pem",
          serverName: "vault.acme.internal",
          clientCert: "/vault/tls/tls.crt",
          clientKey: "/vault/tls/tls.key",
        },
        expect: {
          annotations: {
            ...mounted,
            [`${VAULT}ca-cert`]: "/vault/tls/root.pem",
            [`${VAULT}tls-server-name`]: "vault.acme.internal",
            [`${VAULT}client-cert`]: "/vault/tls/tls.crt",
            [`${VAULT}client-key`]: "/vault/tls/tls.key",
          },
        },
      },
      {
        name: "a folder of the image, rather than another file",
        with: { caPath: "/etc/ssl/acme" },
        config: { [`${VAULT}ca-cert`]: "/old.pem" },
        expect: { annotations: { [`${VAULT}ca-cert`]: null, [`${VAULT}ca-key`]: "/etc/ssl/acme" } },
      },
      {
        name: "a name alone leaves the CA as it is",
        with: { serverName: "vault" },
        config: { [`${VAULT}ca-cert`]: "/old.pem" },
        expect: { annotations: { [`${VAULT}tls-server-name`]: "vault" } },
      },
      {
        name: "verification is not skipped any more",
        with: { tlsSecret: "vault-ca" },
        config: { [SKIP]: "true" },
        expect: { annotations: { [SKIP]: null, ...mounted } },
      },
      {
        name: "a pod that skips it is told",
        with: { tlsSecret: "vault-ca" },
        annotations: { [SKIP]: "true" },
        expect: { annotations: mounted, issues: ["skips-verification"] },
      },
      {
        name: "a pod that says that it does not",
        with: { tlsSecret: "vault-ca" },
        annotations: { [SKIP]: "false" },
        expect: { annotations: mounted },
      },
      {
        name: "a pod's word, over the configuration's",
        with: { tlsSecret: "vault-ca" },
        config: { [SKIP]: "true" },
        annotations: { [SKIP]: "false" },
        expect: { annotations: { [SKIP]: null, ...mounted } },
      },
    ],
    invalid: [
      { name: "nothing", with: {}, message: "at least one" },
      {
        name: "no Secret's name",
        with: { tlsSecret: "Vault_CA" },
        message: "the name of a Kubernetes Secret",
      },
      {
        name: "a mounted file without the mount",
        with: { caCert: "/vault/tls/ca.crt" },
        message: "nothing is mounted at /vault/tls",
      },
      {
        name: "the mount's folder without the mount",
        with: { caPath: "/vault/tls" },
        message: "nothing is mounted at /vault/tls",
      },
      { name: "a file and a folder", with: { caCert: "/a", caPath: "/b" }, message: "caCert or caPath" },
      { name: "a relative file", with: { caCert: "ca.crt" }, message: "an absolute path" },
      { name: "a URL", with: { serverName: "https://vault:8200" }, message: "without scheme or port" },
      {
        name: "a certificate without its key",
        with: { tlsSecret: "s", clientCert: "/c" },
        message: "one needs the other",
      },
      { name: "no verification", with: { skipVerify: true }, message: "skipVerify" },
    ],
  }));

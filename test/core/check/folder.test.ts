/** Where secrets are mounted, and which folders hold certificates. */
import { describe, expect, test } from "bun:test";
import { checkCertificates, checkFolders, checkOwnFolder } from "../../../src/core/check/folder.ts";
import { VAULT_DOMAIN } from "../../../src/injector/vocabulary.ts";
import { codesOf, runRule } from "./rule.ts";

describe("checkFolders", () => {
  const SYSTEM = [
    "/",
    "/bin",
    "/etc",
    "/home",
    "/lib64",
    "/opt",
    "/sbin",
    "/tmp",
    "/usr/bin",
    "/usr/local",
    "/var",
  ];
  test.each([
    ...SYSTEM,
    "/var/run/secrets/kubernetes.io/serviceaccount",
    "/etc/ssl",
    "/etc/",
    "//etc",
    "/etc/x/..",
  ])("secrets at %s hide the image's files", (folder) => {
    expect(codesOf(checkFolders, { "secret-volume-path": folder })).toEqual(["pod.folder-system"]);
    expect(codesOf(checkFolders, { "secret-volume-path-x": folder })).toEqual(["pod.folder-system"]);
  });

  test.each([
    "/etc/flyte",
    "/etc/flyte/secrets",
    "/vault/secrets",
    "etc",
    "",
    "/usr/bin/x",
    `/${"/".repeat(4_096)}`,
  ])("secrets at %s hide nothing", (folder) => {
    expect(codesOf(checkFolders, { "secret-volume-path": folder })).toEqual([]);
  });

  test("a path of 4,096 bytes is the longest that is looked at", () => {
    expect(codesOf(checkFolders, { "secret-volume-path": "/".repeat(4_096) })).toEqual(["pod.folder-system"]);
    expect(codesOf(checkFolders, { "secret-volume-path": "/".repeat(4_097) })).toEqual([]);
  });

  test("every folder is reported by its key, and other annotations are not folders", () => {
    const issues = runRule(checkFolders, {
      ...{ "secret-volume-path": "/etc", "secret-volume-path-a": "/vault/a", "secret-volume-path-b": "/tmp" },
      "agent-inject-file-x": "/etc",
    });
    expect(issues.map(({ annotation }) => annotation)).toEqual([
      `${VAULT_DOMAIN}secret-volume-path`,
      `${VAULT_DOMAIN}secret-volume-path-b`,
    ]);
  });
});

describe("checkOwnFolder", () => {
  const DIR = "/etc/flyte/secrets";
  const check = (carried: Readonly<Record<string, string | null>>) =>
    checkOwnFolder(
      Object.fromEntries(Object.entries(carried).map(([name, value]) => [VAULT_DOMAIN + name, value])),
      DIR,
      ["x", "y"],
    ).map(({ annotation }) => annotation?.slice(VAULT_DOMAIN.length));

  test.each([
    [{}, []],
    [{ "secret-volume-path": DIR }, []],
    [{ "secret-volume-path": `${DIR}/` }, []],
    [{ "secret-volume-path": "/etc/flyte/./secrets" }, []],
    [{ "secret-volume-path": "/elsewhere" }, ["secret-volume-path"]],
    [{ "secret-volume-path": "relative" }, []],
    [{ "secret-volume-path": null }, []],
    [{ "secret-volume-path-x": "/elsewhere" }, ["secret-volume-path-x"]],
    [{ "secret-volume-path-foreign": "/elsewhere" }, []],
    [
      { "secret-volume-path": "/a", "secret-volume-path-y": "/b" },
      ["secret-volume-path", "secret-volume-path-y"],
    ],
  ])("%j: %j", (carried, keys) => {
    expect(check(carried)).toEqual(keys);
  });
});

describe("checkCertificates", () => {
  test.each([
    [{ "ca-cert": "/vault/tls/ca.crt" }, ["pod.ca-file"]],
    [{ "ca-cert": "/vault/tls" }, ["pod.ca-file"]],
    [{ "ca-cert": "/vault/tls/ca.crt", "tls-secret": "s" }, []],
    [{ "ca-cert": "/vault/tls/ca.crt", "tls-secret": "" }, ["pod.ca-file"]],
    [{ "ca-cert": "/vault/tls/ca.crt", "agent-extra-secret": "s" }, ["pod.ca-file"]],
    [{ "ca-cert": "/vault/custom/ca.crt" }, ["pod.ca-file"]],
    [{ "ca-cert": "/vault/custom/ca.crt", "agent-extra-secret": "s" }, []],
    [{ "ca-cert": "/vault/tls2/ca.crt" }, []],
    [{ "ca-cert": "/etc/ssl/ca.crt" }, []],
    [
      { "ca-key": "/vault/tls/k", "client-cert": "/vault/tls/c", "client-key": "/vault/custom/k" },
      Array(3).fill("pod.ca-file"),
    ],
    [{ "ca-cert": "/vault/tls/ca.crt", "agent-copy-volume-mounts": "main" }, []],
    [{ "ca-cert": "/vault/tls/ca.crt", "agent-json-patch": "[]" }, []],
    [{ "ca-cert": "/vault/tls/ca.crt", "agent-init-json-patch": "[]" }, []],
    [{ "ca-cert": "/vault/tls/ca.crt", "agent-init-json-patch": "" }, ["pod.ca-file"]],
  ])("%j: %j", (annotations, codes) => {
    expect(codesOf(checkCertificates, annotations)).toEqual(codes);
  });
});

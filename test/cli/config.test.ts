import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fieldCase } from "../fixtures/field.ts";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace({
  "bad.yaml": "policy: { idz: stable }\naudit: { paths: x }\nwebhook: { somethingElse: x }\n",
  "plugin.yaml": "plugins: [{ use: no-such-plugin }]\n",
  "warns.yaml": "webhook: { somethingElse: x, secretName: y }\n",
  "gcp.yaml": "webhook: { vaultSecretManager: { annotations: { vault.hashicorp.com/auth-type: gcp } } }",
  "dir/a.yaml":
    "webhook: { vaultSecretManager: { role: a, annotations: { vault.hashicorp.com/namespace: n } } }\n",
  "dir/b.yaml": "policy: { strict: true, locked: [x] }\n",
  "latin1.yaml": new Uint8Array([0x61, 0x3a, 0x20, 0xe4]),
});
afterAll(place.remove);

const EXAMPLE = new URL("../../config/webhook.yaml", import.meta.url).pathname;

describe("config check", () => {
  test("says what a good configuration comes to", async () => {
    const { code, stdout, stderr } = await place.run(["config", "check", "dir"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.replace(/[0-9a-f]{16}/, "HASH")).toBe(`configuration: fine
hash:          HASH
files:         dir/a.yaml, dir/b.yaml
vault:         role a, KV version 2, annotations 1
plugins:       none
policy:        ids stable, fileNames flyte, locked 1, denied 0, strict true
`);
  });

  test("finds nothing wrong with the example of the repository", async () => {
    expect(await place.run(["config", "check", "--config", EXAMPLE])).toMatchObject({ code: 0, stderr: "" });
  });

  test("reports everything, with file, line and column, errors first", async () => {
    const { code, stdout, stderr } = await place.run(["config", "check", "--config", "bad.yaml"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n").filter((line) => line.includes("["))).toEqual([
      "error[config.name-unknown]: bad.yaml:1:11: Unknown key policy.idz; did you mean policy.ids?",
      'error[config.value]: bad.yaml:2:10: audit.paths is "x", expected full, hash or none',
      expect.stringMatching(/^warning\[config\.webhook-name-unknown\]: bad\.yaml:3:12: /),
    ]);
  });

  test("warnings leave it usable", async () => {
    const { code, stdout, issues } = await place.run(["config", "check", "warns.yaml"]);
    expect(code).toBe(0);
    expect(stdout).toStartWith("configuration: usable, with 1 warning\n");
    expect(issues).toEqual(["config.webhook-name-unknown"]);
  });

  test.each([
    ["warns.yaml", "", 0],
    ["warns.yaml", "--fail-on warning", 1],
    ["gcp.yaml", "--fail-on deny", 0],
    ["gcp.yaml", "", 1],
    ["dir", "--fail-on warning", 0],
    ["bad.yaml", "--fail-on deny", 2],
  ])("%s %s exits %i", async (file, option, code) => {
    const command = ["config", "check", file, ...option.split(" ").filter((word) => word !== "")];
    expect((await place.run(command)).code).toBe(code);
  });

  test("names what every pod would have, with the place, as preview says it of each", async () => {
    const { stdout, stderr, issues } = await place.run(["config", "check", fieldCase("52-").config ?? ""]);
    expect(issues).toEqual([
      ...["annotation.value-agent", "annotation.value-injector", "pod.auth-path-missing"],
      ...["annotation.unknown", "annotation.unknown", "cli.threshold"],
    ]);
    expect(stderr).toContain(
      "52-cluster-annotations-mistyped/config.yaml:7:7: The annotation vault.hashicorp.com/auth-config-type",
    );
    expect(stdout).toStartWith("configuration: usable, with 3 errors and 2 warnings\n");
  });

  test.each([
    ['agent-inject: "false"', "pod.inject-off"],
    ["tls-skip-verify: yes", "annotation.value"],
    ["agent-limits-mem: lots", "annotation.value"],
    ["nmaespace: team", "annotation.unknown"],
    ["auth-type: gcp", "pod.auth-path-missing"],
  ])("every pod would have %s", async (line, code) => {
    place.write(
      "one.yaml",
      `webhook: { vaultSecretManager: { annotations: { vault.hashicorp.com/${line} } } }`,
    );
    const { stderr } = await place.run(["config", "check", "one.yaml"]);
    expect(stderr).toContain(`[${code}`);
    expect(stderr).toContain("one.yaml:1:");
  });

  test.each([
    ["none.yaml", "config.file-missing"],
    ["latin1.yaml", "config.file-unreadable"],
    ["plugin.yaml", "plugin.not-found"],
  ])("refuses %s", async (file, issue) => {
    const { code, stdout, issues } = await place.run(["config", "check", file]);
    expect({ code, stdout, issues }).toEqual({ code: 2, stdout: "", issues: [issue] });
  });
});

test("config schema prints the committed schema", async () => {
  const { code, stdout } = await place.run(["config", "schema"]);
  expect([code, stdout]).toEqual([
    0,
    readFileSync(new URL("../../config/webhook.schema.json", import.meta.url), "utf8"),
  ]);
});

/** The real program in processes of its own, and every command of the README and of the help pages. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import { loadAllCommands } from "../../src/cli/commands.ts";
import { renderYaml } from "../../src/core/yaml.ts";
import { toRunning } from "../fixtures/cluster.ts";
import { podWith, secret } from "../fixtures/engine.ts";
import { goldenInjections } from "../fixtures/golden.ts";
import { createClusterFiles } from "../fixtures/kubectl.ts";
import { createWorkplace, type Workplace } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROGRAM = `'${process.execPath}' '${join(ROOT, "src/entry/bun.ts")}'`;
const POD = podWith([secret({ group: "secret/data/team", key: "api_key" })]);

let place: Workplace;

beforeAll(() => {
  place = createWorkplace({
    "config/webhook.yaml": readFileSync(join(ROOT, "config/webhook.yaml")),
    "flyte-config/a.yaml": "webhook: {}\n",
    "pod.yaml": renderYaml([POD]),
    "running.yaml": renderYaml([toRunning(POD)]),
    "manifests/pod.yaml": renderYaml([POD]),
    "flyte.yaml": "webhook: { secretManagerTypes: [Vault], vaultSecretManager: { role: flyte-role } }\n",
    "values.yaml": "configmap: { core: { webhook: { secretManagerTypes: [Vault] } } }\n",
    "agent.log": readFileSync(join(ROOT, "test/fixtures/agent-logs/read-denied.log")),
    "secrets.yaml": "secrets: [{ group: secret/data/team, key: api_key }]\n",
    "bin/flyte-vault-webhook": `#!/bin/sh\nexec ${PROGRAM} "$@"\n`,
    ...createClusterFiles(),
  });
  for (const name of ["flyte-vault-webhook", "kubectl"]) chmodSync(join(place.folder, "bin", name), 0o755);
});
afterAll(() => place.remove());

/** Runs a line as a user's shell would. */
function shell(line: string, env: Readonly<Record<string, string>> = {}) {
  const { PATH = "" } = process.env;
  const { status, stdout, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", line], {
    cwd: place.folder,
    env: { PATH: `${join(place.folder, "bin")}:${PATH}`, ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, stdout, stderr };
}

/** Commands in the README's shell blocks and in the examples of help, as they stand there. */
const README = [...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .filter((line) => line.includes("flyte-vault-webhook") && !line.startsWith("alias "))
  .map((line) => line.replace(/ +#.*$/, ""));
const HELP = (await loadAllCommands())
  .flatMap(({ about }) => about.split("\n"))
  .filter((line) => /^ {2}(?:flyte-vault-webhook|kubectl) /.test(line))
  .map((line) => line.trim().replace("NAME", "my-task"));

describe("documentation", () => {
  test("has commands to run", () => {
    expect(README.length).toBeGreaterThanOrEqual(10);
    expect(HELP.length).toBeGreaterThanOrEqual(8);
  });

  // These ask a cluster (test/cluster has one) or report on standard error; here it is whether they are understood.
  const [asking, others] = partition([...new Set([...README, ...HELP])], (line) =>
    /^flyte-vault-webhook (?:doctor|diagnose pod [^-]|migrate)|get configmap/.test(line),
  );

  test.each(asking)(
    "`%s` is understood",
    (line) => {
      const { stderr } = shell(line.replace(/ +#.*/, "").replace("--wait 2m", "--wait 1s"));
      expect(stderr).not.toContain("[cli.");
    },
    30_000,
  );

  test.each(others)("`%s` works as it stands", (line) => {
    const { code, stdout, stderr } = shell(line);
    // What becomes of each setting is told beside the result.
    const told = line.includes("migrate config") ? expect.stringMatching(/^carried over/) : "";
    expect({ code, stderr }).toEqual({ code: 0, stderr: told });
    if (!line.includes("> ")) expect(stdout).not.toBe("");
  });
});

describe("the program", () => {
  test("previews a real Flyte pod as Flyte would have changed it", () => {
    const row = goldenInjections.find(({ status, changed }) => status === "ok" && changed);
    const config = { webhook: { vaultSecretManager: row?.config } };
    place.write("golden/pod.json", JSON.stringify({ apiVersion: "v1", kind: "Pod", ...row?.pod }));
    place.write("golden/config.json", JSON.stringify(config));
    const { code, stdout } = shell(
      "flyte-vault-webhook preview -f golden/pod.json --config golden/config.json",
    );
    expect(code).toBe(0);
    const annotations = (pod: unknown) =>
      Object.values(Object(Object(Object(pod).metadata).annotations)).toSorted();
    expect(annotations(parse(stdout))).toEqual(annotations(row?.expected));
  });

  test("encodes what it decodes", () => {
    const { code, stdout } = shell(
      "flyte-vault-webhook secrets encode --group g --key k | flyte-vault-webhook secrets decode",
    );
    expect([code, stdout]).toEqual([0, "secrets:\n  # flyte.secrets/s0\n  - group: g\n    key: k\n"]);
  });

  test("writes all of a long output before it ends, however slow the reader", () => {
    place.write("many.yaml", renderYaml(Array.from({ length: 90 }, () => POD)));
    const { code, stdout } = shell("flyte-vault-webhook preview -f many.yaml -o json | { sleep 0.3; cat; }");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).results).toHaveLength(90);
    expect(stdout.length).toBeGreaterThan(256 * 1024);
  });

  test("does not mind a reader that stops", () => {
    expect(
      shell("{ flyte-vault-webhook preview -f many.yaml -o json; echo $? >&2; } | head -c 10"),
    ).toMatchObject({
      stdout: '{\n  "versi',
      stderr: "0\n",
    });
  });

  test("says so where its output cannot be written", () => {
    const { code, stderr } = shell("flyte-vault-webhook config schema > /dev/full");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error\[cli\.system\]: The operating system did not allow an operation: .*ENOSPC/,
    );
  });

  test("reads what a shell substitutes", () => {
    expect(shell("flyte-vault-webhook preview -f <(cat pod.yaml) -o patch")).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  test.each([
    ["preview -f none.yaml", 2, "cli.input-unreadable"],
    ["preview --config none.yaml -f pod.yaml", 2, "config.file-missing"],
    ["secrets decode x!", 1, "secret.base32"],
    ["previw", 2, "cli.command-unknown"],
  ])("`%s` ends with exit code %i", (line, code, issue) => {
    const result = shell(`flyte-vault-webhook ${line}`);
    expect([result.code, result.stdout]).toEqual([code, ""]);
    expect(result.stderr).toContain(`[${issue}]: `);
  });
});

/** Those that fit, and the others. */
function partition<T>(items: readonly T[], fits: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))];
}

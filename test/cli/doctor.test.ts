import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace();
afterAll(() => place.remove());
// A cluster that knows its version and nothing else.
place.write(
  "bin/kubectl",
  `#!/bin/sh
echo "$@" >> "${place.folder}/calls"
case "$1" in
  version) echo '{"serverVersion":{"gitVersion":"v1.35.2"}}';;
  get) echo '{"kind":"List","items":[]}';;
  *) echo 'Error from server (Forbidden): pods is forbidden: User "dev" cannot create resource "pods"' >&2; exit 1;;
esac
`,
);
chmodSync(join(place.folder, "bin/kubectl"), 0o755);
const env = { PATH: `${place.folder}/bin:/usr/bin:/bin` };

describe("doctor", () => {
  test("an empty cluster: a table with codes and what to do; exit code 1; only reading verbs", async () => {
    const { code, stdout } = await place.run(["doctor"], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ERROR +registrations$/m);
    expect(stdout).toContain("error[doctor.not-registered]");
    expect(stdout).toContain("ok           versions");
    expect(stdout).toMatch(/^not checked +dry run/m);
    const verbs = readFileSync(join(place.folder, "calls"), "utf8").trim().split("\n");
    expect(
      verbs.every((line) => /^(?:get|version) /.test(line) || /^create --dry-run=server /.test(line)),
    ).toBe(true);
  });

  test("-o json, --context and --kubeconfig reach kubectl", async () => {
    const args = ["doctor", "-o", "json", "--context", "prod", "--kubeconfig", "k.yaml", "--before-switch"];
    const { stdout } = await place.run(args, { env });
    expect(JSON.parse(stdout).checks.map(({ check }: { check: string }) => check)).toContain("dry run");
    const calls = readFileSync(join(place.folder, "calls"), "utf8").trim().split("\n");
    expect(calls.at(-1)).toContain("--context prod --kubeconfig k.yaml");
  });

  test.each<readonly [string, readonly string[], Record<string, string>, string]>([
    ["no kubectl", [], { PATH: "/nowhere" }, "cluster.kubectl-missing"],
    ["a duration that is none", ["--wait", "soon"], env, "cli.option-value"],
  ])("%s: exit code 2", async (_, args, variables, issue) => {
    const { code, issues, stdout } = await place.run(["doctor", ...args], { env: variables });
    expect([code, issues, stdout]).toEqual([2, [issue], ""]);
  });
});

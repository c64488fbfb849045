import { afterAll, describe, expect, test } from "bun:test";
import { createStoredPods } from "../migrate/stored.ts";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace();
afterAll(() => place.remove());

const rows = [...createStoredPods()].filter(
  ({ row }) => row.config.kvVersion === "2" && row.config.role === "flyte",
);
const list = (pods: readonly object[]) =>
  JSON.stringify({
    apiVersion: "v1",
    items: pods.map((pod) => ({ apiVersion: "v1", kind: "Pod", ...pod })),
    kind: "List",
  });
const plain = rows
  .filter(({ row }) => Object.keys(row.config.annotations).length === 0)
  .map(({ pod }) => pod);
place.write("same.yaml", "webhook: { vaultSecretManager: { role: flyte } }\n");

describe("migrate report", () => {
  test("the same configuration: nothing is critical but what is refused, and each difference has its rule", async () => {
    const { stdout, code } = await place.run(
      ["migrate", "report", "-f", "-", "--config", "same.yaml", "--flyte-config", "same.yaml", "-o", "json"],
      { stdin: list(plain) },
    );
    const report = JSON.parse(stdout);
    expect(report.verdicts.different).toBe(0);
    expect(report.verdicts.same).toBeGreaterThan(100);
    expect(report.groups.some(({ rule }: { rule?: number }) => rule === 1)).toBe(true);
    expect(report.verdicts["would-refuse"]).toBeGreaterThan(0);
    expect(code).toBe(1);
  });

  test("another role: every pod is named with it, and the exit code is 1", async () => {
    const { stdout, code } = await place.run(["migrate", "report", "-f", "-"], {
      stdin: list(plain.slice(0, 3)),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('role vault.hashicorp.com/role: "flyte" → "flyte-role"');
    expect(stdout).toMatch(/^3 pods: 0 identical, 3 different\n/);
  });

  test("nothing differs: exit code 0", async () => {
    const { stdout, code } = await place.run(["migrate", "report", "-f", "-", "--config", "same.yaml"], {
      stdin: list(plain.slice(0, 3)),
    });
    expect([code, stdout.split("\n")[0]]).toEqual([0, "3 pods: 3 identical"]);
    const one = await place.run(["migrate", "report", "-f", "-", "--config", "same.yaml"], {
      stdin: list(plain.slice(0, 1)),
    });
    expect(one.stdout).toStartWith("1 pod: 1 identical\n");
  });

  test.each([
    ["cut off", list(plain.slice(0, 3)).slice(0, -30), "preview.item"],
    ["no pods that ask", list([{ metadata: {} }]), "migrate.no-pods"],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x41]), "cli.input-binary"],
  ])("%s: exit code 2, and why", async (_, stdin, issue) => {
    const { code, issues, stdout } = await place.run(["migrate", "report", "-f", "-"], { stdin });
    expect([code, issues, stdout]).toEqual([2, [issue], ""]);
  });

  test("without kubectl: says so, and what else there is", async () => {
    const { code, issues, stderr } = await place.run(["migrate", "report"], { env: { PATH: place.folder } });
    expect([code, issues]).toEqual([2, ["cluster.kubectl-missing"]]);
    expect(stderr).toContain("pass files with -f");
  });
});

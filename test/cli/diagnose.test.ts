import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ENDED, RUNNING, storedPod } from "../diagnose/pods.ts";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace();
afterAll(() => place.remove());
const log = readFileSync(join(import.meta.dir, "../fixtures/agent-logs/read-denied.log"), "utf8");
place.write("pod.json", JSON.stringify(storedPod()));
place.write("healthy.json", JSON.stringify(storedPod({ agent: ENDED, main: RUNNING })));
place.write("agent.log", log);
// Answers as kubectl does, and refuses what the user may not read.
place.write(
  "bin/kubectl",
  `#!/bin/sh
echo "$@" >> "${place.folder}/calls"
case "$1 $2" in
  "get pod") [ "$3" = absent ] && { echo 'Error from server (NotFound): pods "absent" not found' >&2; exit 1; }; cat "${place.folder}/pod.json";;
  "get events") [ "$4" = refused ] || exit 1; cat "${place.folder}/events.json";;
  "logs f1-n0-0") cat "${place.folder}/agent.log";;
  *) echo "Error from server (Forbidden)" >&2; exit 1;;
esac
`,
);
chmodSync(join(place.folder, "bin/kubectl"), 0o755);
const refusal = `Error creating: Internal error occurred: failed calling webhook "secrets.flyte-vault-webhook.io": failed to call webhook: Post "https://flyte-vault-webhook.flyte-vault-webhook.svc:443/mutate?timeout=10s": no endpoints available for service "flyte-vault-webhook"`;
place.write(
  "events.json",
  JSON.stringify({ kind: "List", items: [{ reason: "FailedCreate", message: refusal }] }),
);
const env = { PATH: `${place.folder}/bin:/usr/bin:/bin` };

describe("diagnose pod", () => {
  test("files: the sentence, the chain, what to change, the Vault team's block; exit code 1", async () => {
    const { code, stdout } = await place.run(["diagnose", "pod", "-f", "pod.json", "--logs", "agent.log"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Pod team-a\/f1-n0-0 hangs because Vault refuses to read "secret\/data\/other"/);
    expect(stdout).toContain("FAULT  agent");
    expect(stdout).toContain("What to change [diagnose.read-denied]:");
    expect(stdout).toContain("For the Vault team:");
  });

  test("kubectl: reads pod, log and what the user may see; nothing else", async () => {
    const { code, stdout } = await place.run(["diagnose", "pod", "f1-n0-0", "-n", "team-a", "-o", "json"], {
      env,
    });
    expect([code, JSON.parse(stdout).fault.code]).toEqual([1, "diagnose.read-denied"]);
    const calls = readFileSync(join(place.folder, "calls"), "utf8");
    expect(
      calls
        .trim()
        .split("\n")
        .every((line) => /^(?:get|logs) /.test(line)),
    ).toBe(true);
    expect(calls).not.toMatch(/secret/);
  });

  test("a pod that was never stored, because a webhook could not be called: an event says so", async () => {
    const args = ["diagnose", "pod", "absent", "-n", "refused"];
    const { code, issues, stderr } = await place.run(args, { env });
    expect([code, issues]).toEqual([2, ["cluster.kubectl-failed", "diagnose.webhook-failed"]]);
    expect(stderr).toContain('could not call the webhook "secrets.flyte-vault-webhook.io": failed to call');
  });

  test("a healthy pod: exit code 0", async () => {
    const { code, stdout } = await place.run(["diagnose", "pod", "-f", "healthy.json"]);
    expect([code, stdout.split("\n")[0]]).toEqual([
      0,
      "Pod team-a/f1-n0-0 is healthy: no fault found between its requests and its task.",
    ]);
  });

  test.each<readonly [string, readonly string[], object, string]>([
    ["no pod of that name", ["absent"], env, "cluster.kubectl-failed"],
    ["no kubectl", ["f1-n0-0"], { PATH: "/nowhere" }, "cluster.kubectl-missing"],
    ["neither name nor file", [], env, "cli.option-missing"],
    ["two names", ["a", "b"], env, "cli.argument-unexpected"],
    ["a file that is not there", ["-f", "absent.yaml"], env, "cli.input-unreadable"],
    ["a file that is no YAML", ["-f", "bin/kubectl"], env, "cluster.answer"],
  ])("%s: exit code 2, and why", async (_, args, variables, issue) => {
    const { code, issues, stdout } = await place.run(["diagnose", "pod", ...args], { env: { ...variables } });
    expect([code, issues, stdout]).toEqual([2, [issue], ""]);
  });
});

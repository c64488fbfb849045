import { afterAll, expect, test } from "bun:test";
import { ISSUE_CODES } from "../../src/core/issue/registry.ts";
import { createWorkplace } from "./harness.ts";

const place = createWorkplace();
afterAll(place.remove);

test("explain prints what a code means, facts as placeholders", async () => {
  const { code, stdout } = await place.run(["explain", "config.value", "policy.locked"]);
  expect([code, stdout]).toEqual([
    0,
    `config.value
  severity: error (the command, the request or the start fails)
  message:  <file>:<line>:<column>: <path> is <got>, expected <expected>
  help:     Set <path> to <expected>

policy.locked
  severity: deny (always refuses the pod)
  message:  The pod sets the annotation <key>, which the platform locks (policy.locked: "<pattern>")
  help:     Remove the annotation from the pod, or ask the platform team
`,
  ]);
});

test("explain without a code lists all of them", async () => {
  const { code, stdout } = await place.run(["explain"]);
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")[0] ?? ""),
  ).toEqual([...ISSUE_CODES]);
});

test("explain explains what it can", async () => {
  const { code, stdout, issues } = await place.run(["explain", "nope", "pod.mount-taken"]);
  expect([code, issues]).toEqual([2, ["cli.code-unknown"]]);
  expect(stdout).toStartWith("pod.mount-taken\n");
});

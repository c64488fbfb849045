import { describe, expect, test } from "bun:test";
import { checkIssues } from "../../../src/core/issue/check.ts";
import { rebaseIssue } from "../../../src/preview/input/rebase.ts";

const POD = { pointer: "", owner: "", form: "pod" } as const;
const TEMPLATE = { pointer: "/spec/template", owner: "", form: "pod" } as const;
const SECOND_ITEM = { pointer: "/items/1", owner: "/items/1", form: "pod" } as const;
const issue = checkIssues["pod.windows"]({ field: "spec.os.name: windows" });

describe("rebaseIssue", () => {
  test.each([
    ["the whole pod", "/", POD, "/"],
    ["the whole pod of a workload", "/", TEMPLATE, "/spec/template"],
    ["the whole pod of a list", "/", SECOND_ITEM, "/items/1"],
    ["a field of a pod", "/spec/containers/0", POD, "/spec/containers/0"],
    ["a field of a workload's pod", "/spec/containers/0", TEMPLATE, "/spec/template/spec/containers/0"],
    ["a field of the configuration", "webhook.role", TEMPLATE, "webhook.role"],
  ])("%s", (_, path, site, expected) => {
    expect(rebaseIssue({ ...issue, path } as never, site).path).toBe(expected as never);
  });

  test("an issue without a path stays as it is", () => {
    const { path: _, ...without } = issue;
    expect(rebaseIssue(without, TEMPLATE)).toBe(without);
  });
});

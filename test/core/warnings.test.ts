/** The API server cuts a warning at 256 characters: what is left has to be a sentence. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { judge } from "../../src/core/admission/status.ts";
import { checkIssues } from "../../src/core/issue/check.ts";
import { Findings } from "../../src/core/issue/findings.ts";
import type { Issue } from "../../src/core/issue/issue.ts";

const warn = (issue: Issue) => judge(Findings.of(issue), false).warnings;
const KEY = "vault.hashicorp.com/agent-service-account-token-volume-name";

test("a warning has its help where both fit", () => {
  const issue = checkIssues["pod.windows"]({ field: "spec.os.name: windows" });
  expect(warn(issue)).toEqual([`${issue.message}. ${issue.help}.`]);
});

test("a help that does not fit is left out whole", () => {
  const issue = checkIssues["pod.token-foreign"]({
    key: KEY,
    mountPath: "/x/serviceaccount",
    why: "its token is for AWS",
  });
  expect(issue.message.length + issue.help.length).toBeGreaterThan(256);
  expect(warn(issue)).toEqual([`${issue.message}.`]);
});

test("a message that does not fit ends with a word", () => {
  const why = "word ".repeat(100).trim();
  const [warning = ""] = warn(
    checkIssues["pod.token-foreign"]({ key: KEY, mountPath: "/x/serviceaccount", why }),
  );
  expect(warning.length).toBeLessThanOrEqual(256);
  expect(warning).toMatch(/ word…$/);
});

test("all warnings together keep within Kubernetes' limit, and those left out are counted", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 150 }), (lengths) => {
      const found = new Findings();
      const issue = checkIssues["pod.windows"]({ field: "spec.os.name: windows" });
      for (const length of lengths)
        found.add({ ...issue, message: "m".repeat(length), help: "h".repeat(300) });
      const { warnings } = judge(found, false);
      expect(warnings.join("").length).toBeLessThanOrEqual(2_000);
      const [, more = "0"] = /^and (\d+) more$/.exec(warnings.at(-1) ?? "") ?? [];
      expect(warnings.filter((warning) => warning.startsWith("m")).length + Number(more)).toBe(
        lengths.length,
      );
    }),
    { examples: [[Array(9).fill(249)], [[...Array(7).fill(249), 246, 249]]] },
  );
});

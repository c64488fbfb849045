import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Findings, MOST_ISSUES } from "../../src/core/issue/findings.ts";
import type { Issue, Severity } from "../../src/core/issue/issue.ts";

const SEVERITIES: readonly Severity[] = ["deny", "error", "warning", "info"];

const issue = (severity: Severity, message: string): Issue => ({
  code: "plugin:test/x",
  severity,
  message,
  help: "",
});

const anySeverities = fc.array(fc.constantFrom(...SEVERITIES), { maxLength: 300 });

function collect(severities: readonly Severity[]): Findings {
  const found = new Findings();
  severities.forEach((severity, i) => {
    found.add(issue(severity, String(i)));
  });
  return found;
}

describe("Findings", () => {
  test("list the worst, each severity in its order, and count all", () => {
    fc.assert(
      fc.property(anySeverities, (severities) => {
        const sorted = SEVERITIES.flatMap((severity) =>
          severities.flatMap((each, i) => (each === severity ? [String(i)] : [])),
        );
        const found = collect(severities);
        const listed = found.list();
        expect(listed.slice(0, MOST_ISSUES).map(({ message }) => message)).toEqual(
          sorted.slice(0, MOST_ISSUES),
        );
        expect(listed.length).toBe(Math.min(sorted.length, MOST_ISSUES + 1));
        expect(found.total).toBe(severities.length);
        for (const severity of SEVERITIES) {
          expect(found.count(severity)).toBe(severities.filter((each) => each === severity).length);
        }
      }),
    );
  });

  test("merged, are what they are when collected in one", () => {
    fc.assert(
      fc.property(anySeverities, anySeverities, (first, second) => {
        const merged = collect(first);
        merged.merge(collect(second));
        const whole = collect([...first, ...second]);
        const read = (found: Findings) => found.list().map(({ code, severity }) => [code, severity]);
        expect(read(merged)).toEqual(read(whole));
        expect(merged.total).toBe(whole.total);
      }),
    );
  });

  test("write no sentence that is not kept", () => {
    let written = 0;
    const build = () => {
      written++;
      return issue("deny", "") as never;
    };
    const found = new Findings();
    for (let i = 0; i < 5_000; i++) found.report(Object.assign(build, { severity: "deny" as const }), {});
    expect([written, found.total]).toEqual([MOST_ISSUES, 5_000]);
  });

  test("are full at 100 refusals, and then say how much was not checked", () => {
    const found = collect([...Array(MOST_ISSUES - 1).fill("deny"), ...Array(500).fill("error")]);
    expect(found.isFull).toBe(false);
    found.add(issue("deny", "last"));
    expect(found.isFull).toBe(true);
    found.leaveUnchecked(7);
    const other = new Findings();
    other.leaveUnchecked(5);
    found.merge(other);
    expect([found.unchecked, found.list().at(-1)?.message]).toEqual([
      12,
      "Found 500 more issues, none of them worse than those listed; did not check 12 more annotations, since those listed refuse the pod already",
    ]);
    expect(other.list()).toHaveLength(1);
    expect(other.list()[0]?.message).toStartWith("Did not check 5 more annotations");
  });
});

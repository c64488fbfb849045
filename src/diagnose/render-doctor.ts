/** Renders the rows of `doctor` as a table. */
import { escapeControls } from "../core/printable.ts";
import type { DoctorRow } from "./doctor-facts.ts";

const MARKS: Readonly<Record<DoctorRow["verdict"], string>> = {
  ...{ fine: "ok", finding: "FINDING", "not checked": "not checked" },
};

/** @returns a line for each check, with its issues and their help below it */
export function renderDoctor(rows: readonly DoctorRow[]): string {
  const width = Math.max(...rows.map(({ check }) => check.length)) + 2;
  const lines = rows.flatMap(({ check, verdict, detail, issues }) => {
    const worst = issues.some(({ severity }) => severity === "error") ? "ERROR" : MARKS[verdict];
    const isNoted = verdict === "finding" && issues.every(({ severity }) => severity === "info");
    const mark = isNoted ? "ok" : worst;
    const about = verdict === "finding" && !isNoted ? "" : detail;
    return [
      `${mark.padEnd(13)}${check.padEnd(width)}${about}`.trimEnd(),
      ...issues.flatMap(({ severity, code, message, help }) => [
        `${" ".repeat(13)}${severity}[${code}] ${message}`,
        `${" ".repeat(15)}${help}`,
      ]),
    ];
  });
  return `${lines.map(escapeControls).join("\n")}\n`;
}

/** Renders a diagnosis as text. */
import { escapeControls } from "../core/printable.ts";
import type { Diagnosis } from "./diagnose.ts";
import type { Link } from "./link.ts";

const MARKS: Readonly<Record<Link["verdict"], string>> = {
  ...{ fine: "ok", fault: "FAULT", waiting: "waits", unknown: "?" },
};

/** @returns the sentence, the links, what to change, and the block for the Vault team */
export function renderDiagnosis({ sentence, links, fault, forVaultTeam }: Diagnosis): string {
  const chain = links.map(renderLink).join("\n");
  const change = fault ? `What to change [${fault.code}]:\n  ${fault.help}` : "";
  const block = forVaultTeam === undefined ? "" : `For the Vault team:\n${indent(forVaultTeam)}`;
  return `${[sentence, chain, change, block]
    .filter((part) => part !== "")
    .map((part) => part.split("\n").map(escapeControls).join("\n"))
    .join("\n\n")}\n`;
}

function renderLink({ name, verdict, detail, evidence, expected }: Link): string {
  const more = [
    ...(evidence === undefined ? [] : [evidence.slice(0, 300)]),
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
  ];
  const line = `  ${MARKS[verdict].padEnd(7)}${name.padEnd(10)}${detail}`;
  return [line, ...more.map((text) => `${" ".repeat(19)}${text}`)].join("\n");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Help as text: the list of commands, and one page for each. */
import type { Command } from "./command.ts";
import type { Option, Options } from "./options.ts";

/** The program's name on a command line. */
export const PROGRAM = "flyte-vault-webhook";

const WIDTH = 100;

/**
 * Renders the list of commands.
 *
 * @param commands all of them, or those of one group
 * @param group its name; empty for the program itself
 */
export function renderOverview(commands: readonly Command[], group: string): string {
  const own = group === "" ? [...commands, HELP_COMMAND] : commands;
  const rows = own.map(({ name, summary }): Row => [name, summary]);
  const head =
    group === ""
      ? "Flyte secret requests to Vault Agent Injector annotations: an admission webhook, and its tools.\n\n"
      : "";
  const options = group === "" ? `\nOptions:\n${renderRows(PROGRAM_OPTIONS)}` : "";
  const usage = `Usage: ${[PROGRAM, group, "<command> [options]"].filter((word) => word !== "").join(" ")}\n`;
  const end = `\n\`${PROGRAM} help <command>\` says more about one of them.\n${group === "" ? EXIT_CODES : ""}`;
  return `${head}${usage}\nCommands:\n${renderRows(rows)}${options}${end}`;
}

/** Renders the page of one command. */
export function renderCommandHelp({ name, summary, usage, about, options }: Command): string {
  const line = `Usage: ${PROGRAM} ${name}${usage === "" ? "" : ` ${usage}`}\n`;
  const more = about === "" ? "" : `\n${about.trim()}\n`;
  return `${summary}.\n\n${line}\nOptions:\n${renderRows(toRows(options))}${more}`;
}

type Row = readonly [string, string];

const HELP_COMMAND = { name: "help", summary: "Show what a command does, and its options" };

const PROGRAM_OPTIONS: readonly Row[] = [
  ["-h, --help", "Show this help"],
  ["    --version", "Show the version"],
];

const EXIT_CODES =
  "Exit codes: 0 fine; 1 refused, or an issue at the threshold; 2 usage or configuration error.\n";

function toRows(options: Options): Row[] {
  return Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const value = option.type === "flag" ? "" : ` ${option.value}`;
    return [`${short}--${name}${value}`, describe(option)];
  });
}

function describe(option: Option): string {
  if (option.type === "list") return `${option.summary}; may be repeated`;
  if (option.type !== "text") return option.summary;
  const choices = option.choices ? `: ${option.choices.join(", ")}` : "";
  const standard = option.default === undefined ? "" : ` (default: ${option.default})`;
  return `${option.summary}${choices}${standard}`;
}

/** Two columns, the second one wrapped. */
function renderRows(rows: readonly Row[]): string {
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows
    .map(([left, right]) => {
      const lines = wrap(right, WIDTH - indent);
      return `  ${left.padEnd(indent - 2)}${lines.join(`\n${" ".repeat(indent)}`)}\n`;
    })
    .join("");
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

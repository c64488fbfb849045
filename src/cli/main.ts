/** The command line: arguments in, text and an exit code out. */
import { cliIssues } from "../core/issue/cli.ts";
import { nearest } from "../core/nearest.ts";
import type { Command, Context } from "./command.ts";
import { loadCommands } from "./commands.ts";
import type { CliDeps } from "./deps.ts";
import { Exit } from "./exit.ts";
import { PROGRAM, renderCommandHelp, renderOverview } from "./help.ts";
import type { CliIo } from "./io.ts";
import { report } from "./report.ts";

/**
 * Runs one command.
 *
 * @param argv arguments after the program's name
 * @param commands the table of commands; by default that of commands.ts
 * @returns the exit code: 0 fine, 1 refused, 2 usage or configuration error; never throws
 */
export async function runCli(
  argv: readonly string[],
  io: CliIo,
  deps: CliDeps,
  commands?: readonly Command[],
): Promise<number> {
  try {
    return await dispatch(argv, { io, deps }, commands ?? (await loadCommands(argv)));
  } catch (error) {
    return reportThrown(io, error);
  }
}

/**
 * Reports a thrown error. Errors of the operating system (a port in use, a full disk) are shown as such; everything else is
 * a defect.
 *
 * @returns the exit code
 */
export function reportThrown(io: CliIo, error: unknown): number {
  const reason = error instanceof Error ? error.message : String(error);
  // Deno's errors name the system error only in their message.
  const isSystem = error instanceof Error && ("syscall" in error || "errno" in error);
  if (isSystem || /\(os error \d+\)$/.test(reason)) {
    report(io, [cliIssues["cli.system"]({ reason })]);
    return Exit.usage;
  }
  io.stderr(`${error instanceof Error ? error.stack : reason}\n`);
  report(io, [cliIssues["cli.defect"]({ reason })]);
  return Exit.usage;
}

async function dispatch(
  argv: readonly string[],
  context: Context,
  commands: readonly Command[],
): Promise<number> {
  const { io, deps } = context;
  const [first, second] = argv;
  if (first === "--version") {
    io.stdout(`${PROGRAM} ${deps.version}\n`);
    return Exit.fine;
  }
  if (first === "help" || isHelp(first)) return showHelp(argv.slice(1), io, commands);
  const command = findCommand(argv, commands);
  const isGroup = first !== undefined && commands.some(({ name }) => name.startsWith(`${first} `));
  if (!command) {
    if (isGroup && isHelp(second)) return showHelp([first], io, commands);
    return refuseCommand(argv, io, commands, isGroup);
  }
  const args = argv.slice(command.name.split(" ").length);
  const end = args.indexOf("--");
  if (args.slice(0, end < 0 ? args.length : end).some(isHelp)) {
    io.stdout(renderCommandHelp(command));
    return Exit.fine;
  }
  return command.run(args, context);
}

function isHelp(argument: string | undefined): boolean {
  return argument === "--help" || argument === "-h";
}

function findCommand(argv: readonly string[], commands: readonly Command[]): Command | undefined {
  const two = argv.slice(0, 2).join(" ");
  return commands.find(({ name }) => name === two) ?? commands.find(({ name }) => name === argv[0]);
}

function showHelp(words: readonly string[], io: CliIo, commands: readonly Command[]): number {
  const [group] = words;
  if (group === undefined || isHelp(group)) {
    io.stdout(renderOverview(commands, ""));
    return Exit.fine;
  }
  const command = findCommand(words, commands);
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  if (!command && (members.length === 0 || words.length > 1)) {
    return refuseCommand(words, io, commands, members.length > 0);
  }
  io.stdout(command ? renderCommandHelp(command) : renderOverview(members, group));
  return Exit.fine;
}

/** Reports an unknown command, with the nearest name of the same level. */
function refuseCommand(
  argv: readonly string[],
  io: CliIo,
  commands: readonly Command[],
  isGroup: boolean,
): number {
  const command = isGroup ? (argv[0] ?? "") : "";
  const names = commands.map(({ name }) => name);
  const known = isGroup
    ? names.filter((name) => name.startsWith(`${command} `)).map((name) => name.slice(command.length + 1))
    : [...new Set([...names.map((name) => name.split(" ")[0] ?? ""), "help"])];
  const word = argv[isGroup ? 1 : 0];
  if (word === undefined || word.startsWith("-")) {
    report(io, [cliIssues["cli.command-missing"]({ command, known: known.join(", ") })]);
    return Exit.usage;
  }
  const prefix = isGroup ? `${command} ` : "";
  // `config-check` suggests `config check`.
  const guess = nearest(prefix + word, names) ?? nearest(word, known);
  const meant = guess === undefined || names.includes(guess) ? guess : prefix + guess;
  report(io, [cliIssues["cli.command-unknown"]({ command, name: prefix + word, nearest: meant })]);
  return Exit.usage;
}

/** Defines commands: the rows of the table in commands.ts. */
import { readArguments } from "./args.ts";
import type { CliDeps } from "./deps.ts";
import { Exit } from "./exit.ts";
import type { CliIo } from "./io.ts";
import { HELP, type Options, type Values } from "./options.ts";
import { report } from "./report.ts";

/** What a command may use. */
export interface Context {
  readonly io: CliIo;
  readonly deps: CliDeps;
}

/** A command, ready for the table. */
export interface Command {
  /** One word, or two: `config check` is `check` of the group `config`. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the name, such as `[-f FILE]…`. */
  readonly usage: string;
  /** More paragraphs of help, examples last. */
  readonly about: string;
  readonly options: Options;
  /** Runs the command with the arguments after its name; resolves to the exit code. */
  readonly run: (args: readonly string[], context: Context) => Promise<number>;
}

/** The definition of a command. */
export interface CommandDefinition<O extends Options> extends Omit<Command, "run" | "options"> {
  readonly options: O;
  /** Whether it takes arguments besides options. */
  readonly takesPositionals?: boolean;
  readonly run: (
    given: { readonly values: Values<O>; readonly positionals: readonly string[] },
    context: Context,
  ) => Promise<number>;
}

/**
 * Defines a command; the types of `run`'s values follow from its options.
 *
 * @example
 * import { Exit } from "./exit.ts";
 *
 * const hello = defineCommand({
 *   name: "hello", summary: "Greets", usage: "[--name NAME]", about: "",
 *   options: { name: { type: "text", value: "NAME", summary: "Whom", default: "you" } },
 *   run: async ({ values }, { io }) => { io.stdout(`hello ${values.name}\n`); return Exit.fine; },
 * });
 */
export function defineCommand<const O extends Options>(definition: CommandDefinition<O>): Command {
  const { name, summary, usage, about, takesPositionals = false } = definition;
  const options: Options = { ...definition.options, help: HELP };
  return {
    ...{ name, summary, usage, about, options },
    run: async (args, context) => {
      const read = readArguments(name, args, options, takesPositionals);
      if (!read.ok) {
        report(context.io, read.issues);
        return Exit.usage;
      }
      const { values, positionals } = read.value;
      // The parser created the values from these options, so their types match.
      return definition.run({ values: values as Values<O>, positionals }, context);
    },
  };
}

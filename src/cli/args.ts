/** Parses arguments into options and positional arguments, or reports every error. */
import { cliIssues } from "../core/issue/cli.ts";
import type { Issue } from "../core/issue/issue.ts";
import { nearest } from "../core/nearest.ts";
import { failure, isNonEmpty, type Result, success } from "../core/result.ts";
import type { Options, Text } from "./options.ts";
import { type OptionToken, tokenize } from "./tokens.ts";

/** Parsed arguments. */
export interface Arguments {
  /** Of every option: a boolean, a text or `undefined`, or a list. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/**
 * Reads the arguments of one command.
 *
 * @param command its name, for messages
 * @param takesPositionals whether the command takes arguments besides options
 */
export function readArguments(
  command: string,
  args: readonly string[],
  options: Options,
  takesPositionals: boolean,
): Result<Arguments> {
  const forms = Object.entries(options).map(([name, { type, short }]) => [
    name,
    { takesValue: type !== "flag", short },
  ]);
  const issues: Issue[] = [];
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokenize(args, Object.fromEntries(forms))) {
    if (token.kind === "positional") {
      positionals.push(token.value);
      // An argument after an unknown option may be its value, so do not report it as well.
      if (!takesPositionals && issues.length === 0)
        issues.push(cliIssues["cli.argument-unexpected"]({ command, argument: token.value }));
    } else readOption(command, token, options, given, issues);
  }
  if (isNonEmpty(issues)) return failure(issues);
  const values = Object.entries(options).map(([name, option]) => [name, toValue(option, given.get(name))]);
  return success({ values: Object.fromEntries(values), positionals });
}

function readOption(
  command: string,
  { name, rawName, value, inlineValue }: OptionToken,
  options: Options,
  given: Map<string, string[]>,
  issues: Issue[],
): void {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) {
    const guess = nearest(name, Object.keys(options));
    const meant = guess === undefined ? undefined : `--${guess}`;
    issues.push(cliIssues["cli.option-unknown"]({ command, name: rawName, nearest: meant }));
    return;
  }
  const earlier = given.get(name) ?? [];
  given.set(name, [...earlier, value ?? ""]);
  if (option.type === "flag") {
    if (value !== undefined) issues.push(cliIssues["cli.option-value-unwanted"]({ option: rawName, value }));
    return;
  }
  // In `-o --all` the value is missing; a single dash means standard input.
  if (value === undefined || value === "" || (!inlineValue && /^-./.test(value))) {
    issues.push(cliIssues["cli.option-value-missing"]({ command, option: rawName, expected: option.value }));
    return;
  }
  if (option.type === "list") return;
  if (earlier.length > 0) issues.push(cliIssues["cli.option-twice"]({ option: rawName }));
  const { choices } = option;
  if (!choices || findChoice(option, value) !== undefined) return;
  const facts = { option: rawName, value, choices: choices.join(", "), nearest: nearest(value, choices) };
  issues.push(cliIssues["cli.option-value"](facts));
}

function findChoice({ choices }: Text, value: string): string | undefined {
  return choices?.find((choice) => choice.toLowerCase() === value.toLowerCase());
}

function toValue(option: Options[string], given: readonly string[] | undefined): unknown {
  if (option.type === "flag") return given !== undefined;
  if (option.type === "list") return given ?? [];
  const [value = option.default] = given ?? [];
  return value === undefined ? undefined : (findChoice(option, value) ?? value);
}

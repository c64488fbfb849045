/** Describes why a module could not be imported, with file, line and column if the runtime reports them. */
import { isObject } from "../../core/json.ts";
import { describeThrown } from "../../core/plugin/thrown.ts";

/** Further errors are mostly consequences of the first. */
const MOST_ERRORS = 3;
const LONGEST = 500;

/**
 * Describes what `import()` threw. Bun throws messages with a position, several of them as an AggregateError; Node writes the
 * place into the first line of the stack, Deno into the last line of the message.
 *
 * @returns one line, such as `/a/plugin.ts:3:7: Expected "}" but found end of file`
 */
export function describeImportError(error: unknown): string {
  const errors =
    isObject(error) && Array.isArray(error.errors) && error.errors.length > 0 ? error.errors : [error];
  const texts = errors.slice(0, MOST_ERRORS).map(describeOne);
  const more = errors.length > MOST_ERRORS ? [`and ${errors.length - MOST_ERRORS} more`] : [];
  return [...new Set(texts), ...more].join("; ");
}

function describeOne(error: unknown): string {
  const place = placeOf(error);
  const text = describeThrown(error)
    .replace(/^(?:(?:BuildMessage|ResolveMessage|SyntaxError|TypeError|Error): )+/, "")
    .split("\n")[0];
  return `${place === undefined ? "" : `${place}: `}${text}`.slice(0, LONGEST);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: Deno colours its messages.
const COLOURS = /\u001b\[\d+m/g;
const NODE_PLACE = /^(?:file:\/\/)?(\/[^\n]*?):(\d+)\n/;
const DENO_PLACE = /\n\s+at file:\/\/(\/[^\n]*):(\d+):(\d+)$/;

function placeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const position: unknown = Reflect.get(error, "position");
  if (isObject(position) && typeof position.file === "string") {
    return `${position.file}:${String(position.line)}:${String(position.column)}`;
  }
  const [stack, message] = ["stack", "message"].map((name) => {
    const text: unknown = Reflect.get(error, name);
    return typeof text === "string" ? text.replaceAll(COLOURS, "") : "";
  });
  const [, ...found] = NODE_PLACE.exec(stack ?? "") ?? DENO_PLACE.exec(message ?? "") ?? [];
  return found.length === 0 ? undefined : found.join(":");
}

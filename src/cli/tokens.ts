/**
 * Splits arguments into options and positional arguments, as `parseArgs` of `node:util` does without `strict`
 * (POSIX.1-2017, section 12.2, with GNU's long options). Loading that module would delay the start of the server.
 */

/** An option as it was given. */
export interface OptionToken {
  readonly kind: "option";
  /** The long name, or the letter of an unknown short option. */
  readonly name: string;
  /** As it was written, with its dashes. */
  readonly rawName: string;
  /** Absent if the option takes none, or if nothing follows it. */
  readonly value?: string | undefined;
  /** Whether the value belongs to the same argument, as in `--name=value`; absent without a value. */
  readonly inlineValue?: boolean | undefined;
}

/** An option or a positional argument. */
export type Token = OptionToken | { readonly kind: "positional"; readonly value: string };

/** What the splitting depends on; options by their long names. */
export type OptionForms = Readonly<
  Record<string, { readonly takesValue: boolean; readonly short?: string | undefined }>
>;

/**
 * Splits arguments. After `--`, all are positional; a single `-` is positional, too. Short options may be joined: `-ab` is
 * `-a -b` if `a` takes no value, else `-a` with the value `b`.
 */
export function tokenize(args: readonly string[], options: OptionForms): Token[] {
  const tokens: Token[] = [];
  const left = [...args];
  const takesValue = (name: string) => Object.hasOwn(options, name) && options[name]?.takesValue === true;
  const nameOf = (letter: string) =>
    Object.keys(options).find((name) => options[name]?.short === letter) ?? letter;
  const add = (name: string, rawName: string, inline?: string): void => {
    const value = inline ?? (takesValue(name) ? left.shift() : undefined);
    const more = value === undefined ? {} : { value, inlineValue: inline !== undefined };
    tokens.push({ kind: "option", name, rawName, ...more });
  };
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (arg === "--") return [...tokens, ...left.map((value) => ({ kind: "positional", value }) as const)];
    if (arg.startsWith("--")) {
      // The name has at least one character, even if that is an equals sign.
      const equals = arg.indexOf("=", 3);
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      add(name, `--${name}`, equals < 0 ? undefined : arg.slice(equals + 1));
    } else if (arg.startsWith("-") && arg.length > 1) {
      for (let i = 1; i < arg.length; i++) {
        const letter = arg.charAt(i);
        const [name, rest] = [nameOf(letter), arg.slice(i + 1)];
        const hasRest = rest !== "" && takesValue(name);
        add(name, `-${letter}`, hasRest ? rest : undefined);
        if (hasRest) break;
      }
    } else tokens.push({ kind: "positional", value: arg });
  }
  return tokens;
}

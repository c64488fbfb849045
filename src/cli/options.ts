/** The options of a command as data, for the parser, the help and the types of the values. */

interface Described {
  /** One line of help. */
  readonly summary: string;
  /** One letter. */
  readonly short?: string;
}

/** An option without a value. */
export interface Flag extends Described {
  readonly type: "flag";
}

/** An option with one value. */
export interface Text extends Described {
  readonly type: "text";
  /** What the value is, in capitals, for help. */
  readonly value: string;
  /** The allowed values, compared case-insensitively. */
  readonly choices?: readonly string[];
  readonly default?: string;
}

/** An option with a value that may be given several times. */
export interface List extends Described {
  readonly type: "list";
  readonly value: string;
}

/** One option. */
export type Option = Flag | Text | List;

/** Options by their long names, without dashes. */
export type Options = Readonly<Record<string, Option>>;

type Choice<O extends Text> = O["choices"] extends readonly (infer C extends string)[] ? C : string;

type Value<O extends Option> = O extends Flag
  ? boolean
  : O extends List
    ? readonly string[]
    : O extends Text
      ? O["default"] extends string
        ? Choice<O>
        : Choice<O> | undefined
      : never;

/** What a command gets for its options. */
export type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> };

/** The option that every command has. */
export const HELP: Flag = { type: "flag", short: "h", summary: "Show this help" };

/** The option of commands that need a configuration. */
export const CONFIG = {
  type: "list",
  value: "PATH",
  summary:
    "Configuration: a file, a glob or a folder; several are merged, later ones win (default: $FLYTE_VAULT_WEBHOOK_CONFIG, then config/webhook.yaml)",
} as const satisfies List;

/** The option of commands that report something: text for people, or JSON for programs. */
export const OUTPUT = {
  type: "text",
  short: "o",
  value: "OUTPUT",
  summary: "What to print",
  choices: ["text", "json"],
  default: "text",
} as const satisfies Text;

/** Exit codes of every command; scripts rely on them. */
export const Exit = {
  /** All is well. */
  fine: 0,
  /** A pod or a request would be refused, or an issue reaches the `--fail-on` threshold. */
  refused: 1,
  /** The command line, the configuration or the input cannot be used. */
  usage: 2,
} as const;

/** What happens to a plugin besides its answers. */

/** An event of a plugin's threads besides an answer, for the log. */
export interface PluginEvent {
  readonly kind: "stray" | "memory" | "killed" | "ended" | "restart-failed" | "printed" | "failed";
  readonly plugin: string;
  readonly detail: string;
}

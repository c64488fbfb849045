/**
 * The functions that the pure core needs from outside. The core defines the interfaces; `src/host` implements them, and a
 * program that embeds the webhook may implement them differently.
 */

import type { Hook, PluginInstance } from "./plugin/instance.ts";
import type { Result } from "./result.ts";
import type { PluginEntrySettings } from "./settings.ts";
import type { Deadline, Signal } from "./signal.ts";

/** A failed plugin call, for logs and metrics, which may contain details that a refusal must not. */
export interface PluginFailure {
  readonly plugin: string;
  readonly entry: number;
  readonly hook: Hook;
  readonly code: string;
  readonly error: unknown;
}

/** Everything that the core needs from its runtime. */
export interface Ports {
  /** Time of a monotonic clock in milliseconds; only differences are used. */
  readonly clock: () => number;
  /** @returns a deadline whose signal aborts after `ms` milliseconds, or with its parent */
  readonly createDeadline: (ms: number, parent: Signal | undefined) => Deadline;
  /** @returns a fresh random id for `policy.ids: random`: lower-case letters, digits and dashes, at most 36 characters */
  readonly newId: () => string;
  /** @returns the text of UTF-8 bytes; `undefined` if they are not valid UTF-8 */
  readonly decodeUtf8: (bytes: Uint8Array) => string | undefined;
  /** Text to bytes of UTF-8. */
  readonly encodeUtf8: (text: string) => Uint8Array;
  /** SHA-1 (RFC 3174) of bytes, as 40 lower-case hexadecimal digits. */
  readonly hashSha1: (bytes: Uint8Array) => string;
  /** ASCII text to standard base64 (RFC 4648, section 4). */
  readonly encodeBase64: (ascii: string) => string;
  /** Creates the plugin instance of one configuration entry. */
  readonly resolvePlugin: (entry: PluginEntrySettings, index: number) => Promise<Result<PluginInstance>>;
  /** Called after each failed plugin call. */
  readonly reportPluginFailure: (failure: PluginFailure) => void;
}

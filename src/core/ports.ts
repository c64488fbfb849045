/**
 * What the pure core is handed from outside. The inside defines the port; `src/host` fills it, and an embedder
 * may fill it differently.
 */

import type { Hook, PluginInstance } from "./plugin/instance.ts";
import type { Result } from "./result.ts";
import type { PluginEntrySettings } from "./settings.ts";
import type { Deadline, Signal } from "./signal.ts";

/** A plugin's call that came to nothing: for logs and metrics, which may say what a refusal must not. */
export interface PluginFailure {
  readonly plugin: string;
  readonly entry: number;
  readonly hook: Hook;
  readonly code: string;
  readonly error: unknown;
}

/** Everything the core needs that a pure function cannot have. */
export interface Ports {
  /** Milliseconds of a monotonic clock; only differences are used. */
  readonly clock: () => number;
  /** A signal that aborts after some milliseconds, or with its parent. */
  readonly createDeadline: (ms: number, parent: Signal | undefined) => Deadline;
  /** A fresh random id for `policy.ids: random`; lower-case letters, digits and dashes, at most 36 characters. */
  readonly newId: () => string;
  /** Bytes of UTF-8 to text; `undefined` where they are not valid UTF-8. */
  readonly decodeUtf8: (bytes: Uint8Array) => string | undefined;
  /** Text to bytes of UTF-8. */
  readonly encodeUtf8: (text: string) => Uint8Array;
  /** SHA-1 (RFC 3174) of bytes, as 40 lower-case hexadecimal digits. */
  readonly hashSha1: (bytes: Uint8Array) => string;
  /** ASCII text to standard base64 (RFC 4648, section 4). */
  readonly encodeBase64: (ascii: string) => string;
  /** Makes the plugin instance of one configuration entry. */
  readonly resolvePlugin: (entry: PluginEntrySettings, index: number) => Promise<Result<PluginInstance>>;
  /** Told of every plugin call that came to nothing. */
  readonly reportPluginFailure: (failure: PluginFailure) => void;
}

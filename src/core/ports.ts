/**
 * What the pure core is handed from outside. The inside defines the port; `src/host` fills it, and an embedder
 * may fill it differently.
 */

import type { PluginInstance } from "./plugin/instance.ts";
import type { Result } from "./result.ts";
import type { PluginEntrySettings } from "./settings.ts";

/** The part of a web-standard AbortSignal that the core listens to. */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: boolean }): void;
}

/** Everything the core needs that a pure function cannot have. */
export interface Ports {
  /** Milliseconds of a monotonic clock; only differences are used. */
  readonly clock: () => number;
  /** A fresh random id for `policy.ids: random`; lower-case letters, digits and dashes, at most 36 characters. */
  readonly newId: () => string;
  /** Bytes of UTF-8 to text; `undefined` where they are not valid UTF-8. */
  readonly decodeUtf8: (bytes: Uint8Array) => string | undefined;
  /** Text to bytes of UTF-8. */
  readonly encodeUtf8: (text: string) => Uint8Array;
  /** ASCII text to standard base64 (RFC 4648, section 4). */
  readonly encodeBase64: (ascii: string) => string;
  /** Makes the plugin instance of one configuration entry. */
  readonly resolvePlugin: (entry: PluginEntrySettings, index: number) => Promise<Result<PluginInstance>>;
}

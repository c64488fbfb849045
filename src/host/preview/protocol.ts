/** The messages between the main thread and the preview thread. Bodies are bytes, so they can be transferred instead of copied. */
import type { Result } from "../../core/result.ts";
import type { Settings } from "../../core/settings.ts";
import type { PreviewOrder, PreviewReply } from "../../preview/job.ts";
import type { KnownPlugin } from "../plugin/code.ts";
import type { PluginEvent } from "../plugin/event.ts";

/** The data that the thread starts with. */
export interface PreviewWorkerData {
  /** One 32-bit number, which becomes 1 when the thread is ended; its plugins' threads end themselves then. */
  readonly ended: SharedArrayBuffer;
}

/** What the thread builds its engine from, so that previews match reviews of the serving engine. */
export interface PreviewSetup {
  readonly settings: Settings;
  /** The file whose `plugins` list is in force. */
  readonly file: string | undefined;
  /** The code of every plugin that is not bundled, by `use`: the copies that the serving engine runs. */
  readonly known: ReadonlyMap<string, KnownPlugin>;
}

/** A message to the preview thread. */
export type ToThread =
  /** Make a preview. `setup` is sent with the first one and after each change of the serving engine. */
  | { readonly kind: "make"; readonly order: PreviewOrder; readonly setup?: PreviewSetup }
  /** End the plugins' threads, then answer `closed`. */
  | { readonly kind: "close" };

/** A message from the preview thread. */
export type FromThread =
  | { readonly kind: "reply"; readonly reply: PreviewReply }
  /** A defect stopped the preview. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "event"; readonly event: PluginEvent }
  | { readonly kind: "closed" };

/** Parses a candidate configuration. */
export type ParseCandidate = (candidate: unknown) => Result<Settings>;

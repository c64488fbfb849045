/** What the main thread and the thread of previews send each other. Bodies are bytes, moved instead of copied. */
import type { Result } from "../../core/result.ts";
import type { Settings } from "../../core/settings.ts";
import type { PreviewOrder, PreviewReply } from "../../preview/job.ts";
import type { KnownPlugin } from "../plugin/load.ts";
import type { PluginEvent } from "../plugin/pool.ts";

/** What the thread builds its engine from, so that it reviews as the serving engine does. */
export interface PreviewSetup {
  readonly settings: Settings;
  /** The file whose `plugins` list is in force. */
  readonly file: string | undefined;
  /** The code of every plugin that is not bundled, by `use`: the same copies that the serving engine runs. */
  readonly known: ReadonlyMap<string, KnownPlugin>;
}

/** To the thread of previews. */
export type ToThread =
  /** Make a preview. `setup` comes with the first one, and whenever the serving engine has changed. */
  | { readonly kind: "make"; readonly order: PreviewOrder; readonly setup?: PreviewSetup }
  /** End the plugins' threads; answered with `closed`. */
  | { readonly kind: "close" };

/** From the thread of previews. */
export type FromThread =
  | { readonly kind: "reply"; readonly reply: PreviewReply }
  /** The preview failed because of a defect. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "event"; readonly event: PluginEvent }
  | { readonly kind: "closed" };

/** Reads the settings of a candidate configuration. */
export type ParseCandidate = (candidate: unknown) => Result<Settings>;

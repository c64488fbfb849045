/** What the adapters need of an engine: `src/host` builds one, `src/http` and `src/cli` use it. */
import type { AdmissionRequest } from "./admission/request.ts";
import type { Outcome } from "./outcome.ts";
import type { InjectorSettings } from "./settings.ts";
import type { Signal } from "./signal.ts";

/** Reviews pods under one configuration. */
export interface Engine {
  /** Content hash of everything that decides what a pod gets; equal in every replica with the same configuration. */
  readonly hash: string;
  /** The injector that pods meet next, for previews; absent: as it is shipped. */
  readonly injector?: InjectorSettings | undefined;
  /** Answers at once unless a plugin takes its time. The signal is looked at only where there are plugins. */
  readonly review: (
    request: AdmissionRequest,
    options?: { readonly signal?: Signal },
  ) => Outcome | Promise<Outcome>;
  /** Keeps it open between reviews that belong together; the answer lets it go. Absent where it is never replaced. */
  readonly hold?: () => () => void;
  /** Ends the plugins; call it when the last review has ended. */
  readonly close: () => Promise<void>;
}

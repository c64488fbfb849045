/** The interface of an engine: `src/host` builds one, `src/http` and `src/cli` use it. */
import type { AdmissionRequest } from "./admission/request.ts";
import type { Outcome } from "./outcome.ts";
import type { InjectorSettings } from "./settings.ts";
import type { Signal } from "./signal.ts";

/** Reviews pods under one configuration. */
export interface Engine {
  /** Hash of everything that determines a pod's patch; equal in every replica with the same configuration. */
  readonly hash: string;
  /** Version and flags of the Vault Agent Injector that runs next, for previews; absent for its defaults. */
  readonly injector?: InjectorSettings | undefined;
  /** Returns a promise only if a plugin does. The signal is read only if there are plugins. */
  readonly review: (
    request: AdmissionRequest,
    options?: { readonly signal?: Signal },
  ) => Outcome | Promise<Outcome>;
  /**
   * Keeps the engine open for several reviews that belong together.
   *
   * @returns releases it. The method is absent if the engine is never replaced
   */
  readonly hold?: () => () => void;
  /** Ends the plugins; call it after the last review. */
  readonly close: () => Promise<void>;
}

/**
 * Replaces the engine under load. The next engine is built completely and has reviewed sample pods before it takes over, in
 * one step. A review finishes with the engine that it started with. If a load fails, the last good engine stays.
 */
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import { describeThrown } from "../core/plugin/thrown.ts";
import type { NonEmpty, Result } from "../core/result.ts";

/** A loaded engine. */
export interface Loaded {
  readonly engine: Engine;
  /** Files and folders whose change should cause a reload. */
  readonly watched: readonly string[];
  /** Warnings of the load. */
  readonly issues: readonly Issue[];
  /** Called once, when the engine takes over. */
  readonly goLive?: () => void;
}

/** The result of a reload, for log and metrics. */
export type ReloadEvent =
  | {
      readonly kind: "reloaded" | "unchanged";
      readonly hash: string;
      readonly issues: readonly Issue[];
      readonly fields: Fields;
    }
  /** `held`: loaded, but not allowed to take over. */
  | { readonly kind: "failed" | "held"; readonly issues: NonEmpty<Issue>; readonly fields: Fields };

/** Fields of the log line about a reload. */
type Fields = Readonly<Record<string, unknown>>;

/** Decides whether a loaded engine may take over; `held` says why not. */
export type Judge<T> = (current: T, next: T) => Promise<{ readonly held?: Issue; readonly fields: Fields }>;

/** The engine in force, and its reloads. */
export interface Live<T extends Loaded> {
  /** The engine that handles new reviews. */
  readonly engine: () => Engine;
  /** What that engine was loaded with. */
  readonly current: () => T;
  /** Why the last reload failed; absent while the newest configuration is in force. */
  readonly failure: () => NonEmpty<Issue> | undefined;
  /** Loads again. Calls during a load cause exactly one more load after it. */
  readonly reload: () => Promise<void>;
  /** Closes the engine after its last review. */
  readonly close: () => Promise<void>;
}

/**
 * Starts with a loaded engine.
 *
 * @param load builds the next engine completely, or returns every reason why it cannot
 * @param report called after each reload
 * @param judge called before each change of the engine; by default every loaded engine may take over
 */
export function createLive<T extends Loaded>(
  first: T,
  load: () => Promise<Result<T>>,
  report: (event: ReloadEvent) => void,
  judge: Judge<T> = async () => ({ fields: {} }),
): Live<T> {
  let current = lease(first);
  first.goLive?.();
  let failed: NonEmpty<Issue> | undefined;
  let running: Promise<void> | undefined;
  let isWanted = false;

  const loadOnce = async (): Promise<void> => {
    const result = await load();
    if (!result.ok) {
      failed = result.issues;
      return report({ kind: "failed", issues: result.issues, fields: {} });
    }
    const old = current;
    const { held, fields } = await judge({ ...old.loaded, engine: old.engine }, result.value);
    if (held) {
      failed = [held];
      await result.value.engine.close();
      return report({ kind: "held", issues: failed, fields });
    }
    failed = undefined;
    current = lease(result.value);
    result.value.goLive?.();
    // Not awaited: a slow review must not delay the next reload.
    void old.retire();
    const { hash } = result.value.engine;
    const isSame = hash === old.engine.hash;
    report({
      kind: isSame ? "unchanged" : "reloaded",
      hash,
      issues: isSame ? [] : result.value.issues,
      fields,
    });
  };

  /** A defect fails one load, but not later ones. */
  const run = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      try {
        await loadOnce();
      } catch (error) {
        const reason = describeThrown(error);
        const help = "Report it: this is a defect of the webhook";
        failed = [pluginIssues["engine.self-test"]({ reason, help })];
        report({ kind: "failed", issues: failed, fields: {} });
      }
    }
    running = undefined;
  };

  return {
    engine: () => current.engine,
    current: () => current.loaded,
    failure: () => failed,
    reload: () => {
      isWanted = true;
      running ??= run();
      return running;
    },
    close: () => current.retire(),
  };
}

/** Counts the users of an engine; after `retire`, it closes when the last one leaves. */
interface Lease<T> {
  readonly loaded: T;
  readonly engine: Engine;
  readonly retire: () => Promise<void>;
}

function lease<T extends Loaded>(loaded: T): Lease<T> {
  const { engine: inner } = loaded;
  let users = 0;
  let whenUnused: (() => void) | undefined;
  // Without the count, closing an engine would end the threads of plugins that a running review is waiting for.
  const leave = () => {
    users--;
    if (users === 0) whenUnused?.();
  };
  const hold = () => {
    users++;
    return leave;
  };
  return {
    loaded,
    engine: {
      hash: inner.hash,
      injector: inner.injector,
      close: inner.close,
      hold,
      review: (request, options) => {
        const answer = inner.review(request, options);
        // A synchronous answer is complete, so it needs no hold.
        return answer instanceof Promise ? answer.finally(hold()) : answer;
      },
    },
    retire: async () => {
      if (users > 0) await new Promise<void>((resolve) => (whenUnused = resolve));
      await inner.close();
    },
  };
}

/**
 * The engine of this moment. A new one is built whole and has reviewed a pod before it takes over, in one step; a review
 * keeps the engine that it began with; the last good one stays when the next is not good.
 */
import type { Engine } from "../core/engine.ts";
import type { Issue } from "../core/issue/issue.ts";
import { pluginIssues } from "../core/issue/plugin.ts";
import { describeThrown } from "../core/plugin/thrown.ts";
import type { NonEmpty, Result } from "../core/result.ts";

/** What a load gives. */
export interface Loaded {
  readonly engine: Engine;
  /** Files and folders whose change is a reason to load anew. */
  readonly watched: readonly string[];
  /** What is worth telling. */
  readonly issues: readonly Issue[];
  /** Called once, when the engine takes over. */
  readonly goLive?: () => void;
}

/** What became of a reload, for the log and the metrics. */
export type ReloadEvent =
  | {
      readonly kind: "reloaded" | "unchanged";
      readonly hash: string;
      readonly issues: readonly Issue[];
      readonly fields: Fields;
    }
  /** `held`: it was loaded, but may not take over. */
  | { readonly kind: "failed" | "held"; readonly issues: NonEmpty<Issue>; readonly fields: Fields };

/** What a log line says of a reload. */
type Fields = Readonly<Record<string, unknown>>;

/** Decides whether what was loaded may take over from what serves. */
export type Judge<T> = (current: T, next: T) => Promise<{ readonly held?: Issue; readonly fields: Fields }>;

/** An engine that can be replaced under load. */
export interface Live<T extends Loaded> {
  /** The engine of this moment. */
  readonly engine: () => Engine;
  /** What it was loaded with. */
  readonly current: () => T;
  /** Why the last reload came to nothing; absent while the newest configuration is the one in force. */
  readonly failure: () => NonEmpty<Issue> | undefined;
  /** Loads anew; calls while that runs lead to one more load after it. */
  readonly reload: () => Promise<void>;
  /** Ends the engine once its last review has ended. */
  readonly close: () => Promise<void>;
}

/**
 * Starts with a loaded engine.
 *
 * @param load builds the next one whole, or says every reason why it cannot
 * @param report told what became of each reload
 * @param judge asked before each change of the engine; absent: every engine that was loaded may take over
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
    // Not awaited: a review that takes its time must not hold up the next change.
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

  /** A defect ends one load, never the loads after it. */
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

/** An engine that closes when it is retired and its last user has gone. */
interface Lease<T> {
  readonly loaded: T;
  readonly engine: Engine;
  readonly retire: () => Promise<void>;
}

function lease<T extends Loaded>(loaded: T): Lease<T> {
  const { engine: inner } = loaded;
  let users = 0;
  let whenUnused: (() => void) | undefined;
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
        // One that has answered cannot lose its engine any more.
        return answer instanceof Promise ? answer.finally(hold()) : answer;
      },
    },
    retire: async () => {
      if (users > 0) await new Promise<void>((resolve) => (whenUnused = resolve));
      await inner.close();
    },
  };
}

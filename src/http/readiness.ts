/** `/readyz`: whether the process can serve, and what about each part of it. */

/** One part of the process that has to be good. */
export interface ReadyCheck {
  /** A word for the part: `config`, `plugins`, `certificate`, `listeners`. */
  readonly name: string;
  readonly ok: boolean;
  /** What is so, also where it is good: a hash, a date, the reason of a refused reload. */
  readonly detail: string;
}

/** What `/readyz` answers. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Omit<ReadyCheck, "name">>>;
}

/** @returns ready where every check is good. */
export function toReadiness(checks: readonly ReadyCheck[]): Readiness {
  return {
    ready: checks.every(({ ok }) => ok),
    checks: Object.fromEntries(checks.map(({ name, ...check }) => [name, check])),
  };
}

/** The content of `/readyz`: whether the process can serve, with the state of each of its parts. */

/** The state of one part of the process. */
export interface ReadyCheck {
  /** Name of the part, such as `config`, `certificate` or `listeners`. */
  readonly name: string;
  readonly ok: boolean;
  /** The state in words, such as a hash, a date, or the reason of a refused reload. */
  readonly detail: string;
}

/** The body of `/readyz`. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Omit<ReadyCheck, "name">>>;
}

/** @returns ready if every check is ok */
export function toReadiness(checks: readonly ReadyCheck[]): Readiness {
  return {
    ready: checks.every(({ ok }) => ok),
    checks: Object.fromEntries(checks.map(({ name, ...check }) => [name, check])),
  };
}

/**
 * Sequential steps that stay synchronous unless a step returns a promise. Most plugins do not, and awaiting each of their
 * values would cost a turn of the event loop's microtask queue per hook.
 */

/** A value now or later. */
export type Eventual<T> = T | Promise<T>;

/** Calls `next` with a value: synchronously, or after its promise resolves. */
export function andThen<T, U>(value: Eventual<T>, next: (value: T) => Eventual<U>): Eventual<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Runs a step for each item, one after another. */
export function inTurn<T>(items: readonly T[], step: (item: T) => Eventual<void>, from = 0): Eventual<void> {
  for (let i = from; i < items.length; i++) {
    const item = items[i];
    if (item === undefined) continue;
    const taken = step(item);
    if (taken instanceof Promise) return taken.then(() => inTurn(items, step, i + 1));
  }
}

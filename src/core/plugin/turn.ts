/** Steps in turn that stay synchronous as long as no step takes its time: most plugins answer at once. */

/** A value now or later. */
export type Eventual<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there, later where it is promised. */
export function andThen<T, U>(value: Eventual<T>, next: (value: T) => Eventual<U>): Eventual<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Takes a step for each item, the next one when the last has ended. */
export function inTurn<T>(items: readonly T[], step: (item: T) => Eventual<void>, from = 0): Eventual<void> {
  for (let i = from; i < items.length; i++) {
    const item = items[i];
    if (item === undefined) continue;
    const taken = step(item);
    if (taken instanceof Promise) return taken.then(() => inTurn(items, step, i + 1));
  }
}

/** A limit for what is awaited while a configuration is loaded: a promise that never settles must not end or hold up the process. */

/** How long loading one plugin or one certificate may take, milliseconds. */
export const STEP_LIMIT_MS = 10_000;
/** How long loading a whole configuration may take, its plugins and sample reviews included, milliseconds. */
export const LOAD_LIMIT_MS = 60_000;

/**
 * Waits for a promise, but not longer than a limit. The timer keeps the process alive: otherwise a program with nothing
 * else to do would end without a word.
 *
 * @param late makes what is returned when the time is over
 * @param dispose called with what came too late
 */
export async function within<T, Late>(
  ms: number,
  promise: Promise<T>,
  late: () => Late,
  dispose: (value: T) => void = () => {},
): Promise<T | Late> {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<Late>((resolve) => {
    timer = setTimeout(() => {
      isOver = true;
      resolve(late());
    }, ms);
  });
  promise.then(
    (value) => isOver && dispose(value),
    () => {},
  );
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

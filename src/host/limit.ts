/** Time limits for loading a configuration, so that a promise that never settles cannot block reloads or end the process. */

/** How long loading one plugin or one certificate may take, milliseconds. */
export const STEP_LIMIT_MS = 10_000;
/** How long loading a whole configuration may take, with its plugins and sample reviews, milliseconds. */
export const LOAD_LIMIT_MS = 60_000;

/**
 * Waits for a promise, up to a limit. The timer keeps the process alive: a program that only awaits a promise that never
 * settles would exit without an error.
 *
 * @param late creates the result if the time is over
 * @param dispose called with a value that came too late
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

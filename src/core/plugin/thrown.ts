/** Reads values thrown by foreign code, which may be anything, even an object whose properties throw when they are read. */

const LONGEST_MESSAGE = 2_000;
const LONGEST_STACK = 10_000;

/** Message and stack of a thrown value. */
export interface Thrown {
  readonly message: string;
  /** Absent if the value has none. */
  readonly stack?: string;
}

/**
 * Reads message and stack of a thrown value, cut to 2,000 and 10,000 characters. Never throws, although an object without a
 * prototype cannot be converted to a string, and a Proxy may throw on any access.
 */
export function readThrown(thrown: unknown): Thrown {
  const message = (readText(thrown, "message") ?? describeThrown(thrown)).slice(0, LONGEST_MESSAGE);
  const stack = readText(thrown, "stack")?.slice(0, LONGEST_STACK);
  return stack ? { message, stack } : { message };
}

/** @returns a new Error with the message and stack of a thrown value */
export function toError(thrown: unknown): Error {
  const { message, stack } = readThrown(thrown);
  const error = new Error(message);
  // The new error's own stack would point to this function.
  error.stack = stack ?? message;
  return error;
}

/** @returns a thrown value as text, such as `TypeError: x is undefined`; never throws */
export function describeThrown(thrown: unknown): string {
  const message = readText(thrown, "message");
  if (message !== undefined) return `${readText(thrown, "name") || "Error"}: ${message}`;
  try {
    return String(thrown);
  } catch {
    return "a value that cannot be converted to a string";
  }
}

function readText(thrown: unknown, name: "message" | "name" | "stack"): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  try {
    const value: unknown = Reflect.get(thrown, name);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

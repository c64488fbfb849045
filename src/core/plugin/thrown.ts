/** What foreign code throws may be anything, also an object that throws again when it is looked at. */

const LONGEST_MESSAGE = 2_000;
const LONGEST_STACK = 10_000;

/** What is known of something that was thrown. */
export interface Thrown {
  readonly message: string;
  /** Absent where it has none. */
  readonly stack?: string;
}

/**
 * Reads what was thrown. Never throws: an object without prototype has no text form, and a Proxy may throw whenever it is
 * looked at.
 */
export function readThrown(thrown: unknown): Thrown {
  const message = (readText(thrown, "message") ?? describeThrown(thrown)).slice(0, LONGEST_MESSAGE);
  const stack = readText(thrown, "stack")?.slice(0, LONGEST_STACK);
  return stack ? { message, stack } : { message };
}

/** @returns an error of ours with the message and the stack of what was thrown. */
export function toError(thrown: unknown): Error {
  const { message, stack } = readThrown(thrown);
  const error = new Error(message);
  // A stack of our own would point here, where nothing is wrong.
  error.stack = stack ?? message;
  return error;
}

/** @returns what was thrown in words; never throws. */
export function describeThrown(thrown: unknown): string {
  const message = readText(thrown, "message");
  if (message !== undefined) return `${readText(thrown, "name") || "Error"}: ${message}`;
  try {
    return String(thrown);
  } catch {
    return "something without a text form";
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

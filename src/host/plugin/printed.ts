/**
 * Captures what plugins print and labels it with the plugin's name. Printed directly, a plugin's line could look like a line
 * of the webhook's own log.
 */
import { format } from "node:util";
import { limitRate } from "../rate.ts";

/** Called with each text that a plugin prints. */
export type TakePrinted = (text: string) => void;

const LONGEST_TEXT = 2_000;
const METHODS = ["log", "info", "warn", "error", "debug", "trace", "dir", "table"] as const;

/**
 * Replaces the printing methods of a console.
 *
 * @param target the global console of a thread
 * @param take called with each text, cut to 2,000 characters; at most 50 times a second
 * @returns the replacement, for other outputs such as `process.stdout`
 */
export function captureConsole(target: Console, take: TakePrinted): (...values: readonly unknown[]) => true {
  const limited = limitRate(take, (count) => take(`(${count} more lines were dropped)`));
  const print = (...values: readonly unknown[]): true => {
    limited(toText(values).slice(0, LONGEST_TEXT));
    return true;
  };
  for (const name of METHODS) target[name] = print;
  return print;
}

function toText(values: readonly unknown[]): string {
  try {
    return format(...values);
  } catch {
    return "(a value without a text form)";
  }
}

/** Plugins in process whose printing is captured, and the callback of each. */
const speakers = new Map<
  symbol,
  { readonly plugin: string; readonly take: (plugin: string, text: string) => void }
>();
let speaker: string | undefined;
let release: (() => void) | undefined;

/**
 * Captures what a plugin in process prints while it is loaded. All such plugins share one console, so a text is attributed to
 * the plugin whose hook runs; a text printed outside of hooks, such as by a timer, names all of them.
 *
 * @returns a function that stops the capture for this plugin
 */
export function listenInProcess(plugin: string, take: (plugin: string, text: string) => void): () => void {
  const id = Symbol(plugin);
  speakers.set(id, { plugin, take });
  release ??= capture();
  return () => {
    speakers.delete(id);
    if (speakers.size > 0) return;
    release?.();
    release = undefined;
  };
}

function capture(): () => void {
  const shared = globalThis.console;
  const before = METHODS.map((name) => [name, shared[name]] as const);
  captureConsole(shared, (text) => {
    const names = speaker ?? [...new Set([...speakers.values()].map((each) => each.plugin))].join(", ");
    [...speakers.values()].at(-1)?.take(names, text);
  });
  return () => {
    for (const [name, method] of before) shared[name] = method;
  };
}

/** Runs code of a plugin; what its synchronous part prints is attributed to it. */
export function speakAs<T>(plugin: string, run: () => T): T {
  const before = speaker;
  speaker = plugin;
  try {
    return run();
  } finally {
    speaker = before;
  }
}

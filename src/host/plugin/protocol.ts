/** What the host and an isolated plugin's thread say to each other. Every message is text. */
import type { MessagePort } from "node:worker_threads";
import { HOOKS, type Hook } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import type { Refusal } from "./setup.ts";

/** What a thread is started with. */
export interface WorkerData {
  /** URL of the plugin's module. */
  readonly url: string;
  /** The entry's `with`, as JSON. */
  readonly options: string;
  /** One 32-bit number: the call whose synchronous part runs now, so that a loop's call is known; 0 for none. */
  readonly current: SharedArrayBuffer;
  /** Bytes of heap above which it says so. */
  readonly heapLimit: number;
  /** Takes the place of the thread's own port; absent for a thread of the main thread. */
  readonly port: MessagePort | undefined;
}

/** A call of a hook. */
export interface HookCall {
  readonly id: number;
  readonly hook: Hook;
  /** Milliseconds. */
  readonly timeout: number;
  readonly wire: Wire;
}

/** @returns a call as text: its pieces in lines, since JSON has no line feeds. */
export function renderCall({ id, hook, timeout, wire }: HookCall): string {
  const { facts, pod, below, above, files } = wire;
  return [id, hook, timeout, facts, pod, below, above, files].join("\n");
}

/** @returns the text that only asks whether a thread is alive. */
export function renderPing(): string {
  return "";
}

/** @returns a call, or nothing for a message that only asks whether the thread is alive. */
export function readMessage(text: string): HookCall | undefined {
  const [id, hook, timeout, facts = "", pod = "", below = "", above = "", files = ""] = text.split("\n");
  const known = HOOKS.find((name) => name === hook);
  if (known === undefined) return undefined;
  return { id: Number(id), hook: known, timeout: Number(timeout), wire: { facts, pod, below, above, files } };
}

/** What a plugin says of itself once it is set up. */
export interface Ready {
  readonly name: string;
  readonly description: string;
  readonly writes: readonly string[];
  readonly hooks: readonly Hook[];
}

/** An answer, or what has to be known about the thread. */
export interface FromWorker {
  readonly id?: number;
  readonly answer?: unknown;
  /** Stack of what a hook threw. */
  readonly error?: string;
  readonly ready?: Ready;
  readonly refusals?: readonly Refusal[];
  /** The call whose hook has returned a promise: the thread is free for the next one. */
  readonly waits?: number;
  /** It answers a ping. */
  readonly pong?: true;
  /** What the plugin printed. */
  readonly printed?: string;
  /** Stack of what was thrown outside of any call. */
  readonly stray?: string;
  /** Bytes of heap, when they are above the limit. */
  readonly heap?: number;
}

/** How often a thread looks at its heap. */
export const HEAP_CHECK_MS = 250;

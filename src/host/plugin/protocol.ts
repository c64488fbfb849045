/** The messages between the host and an isolated plugin's thread. Every message is text. */
import type { MessagePort } from "node:worker_threads";
import { HOOKS, type Hook } from "../../core/plugin/instance.ts";
import type { Wire } from "../../core/plugin/wire.ts";
import type { Refusal } from "./setup.ts";

/** The data that a thread starts with. */
export interface WorkerData {
  /** URL of the plugin's module. */
  readonly url: string;
  /** The entry's `with`, as JSON. */
  readonly options: string;
  /** One 32-bit number, written by the thread: id of the call whose synchronous part runs now, 0 for none. */
  readonly current: SharedArrayBuffer;
  /** Bytes of heap above which the thread reports them. */
  readonly heapLimit: number;
  /**
   * One 32-bit number, which becomes 1 when the thread that started this one is ended: on Deno, such an end does not reach the
   * threads below. Absent if the main thread is the host.
   */
  readonly ended: SharedArrayBuffer | undefined;
  /** Used instead of the thread's own port; absent if the main thread is the host. */
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

/** @returns a call as text, one part per line; the parts are JSON, which contains no line feeds */
export function renderCall({ id, hook, timeout, wire }: HookCall): string {
  const { facts, pod, below, above, files } = wire;
  return [id, hook, timeout, facts, pod, below, above, files].join("\n");
}

/** @returns the text of a ping */
export function renderPing(): string {
  return "";
}

/** @returns a call, or `undefined` for a ping */
export function readMessage(text: string): HookCall | undefined {
  const [id, hook, timeout, facts = "", pod = "", below = "", above = "", files = ""] = text.split("\n");
  const known = HOOKS.find((name) => name === hook);
  if (known === undefined) return undefined;
  return { id: Number(id), hook: known, timeout: Number(timeout), wire: { facts, pod, below, above, files } };
}

/** The description of a plugin that is set up. */
export interface Ready {
  readonly name: string;
  readonly description: string;
  readonly writes: readonly string[];
  readonly hooks: readonly Hook[];
}

/** An answer to a call, or an event of the thread. */
export interface FromWorker {
  readonly id?: number;
  readonly answer?: unknown;
  /** Stack of what a hook threw. */
  readonly error?: string;
  readonly ready?: Ready;
  readonly refusals?: readonly Refusal[];
  /** Id of a call whose hook returned a promise; the thread can run the next call. */
  readonly waits?: number;
  /** The answer to a ping. */
  readonly pong?: true;
  /** What the plugin printed. */
  readonly printed?: string;
  /** Stack of what was thrown outside of any call. */
  readonly stray?: string;
  /** Bytes of heap; sent when they exceed the limit. */
  readonly heap?: number;
}

/** How often a thread measures its heap, milliseconds. */
export const HEAP_CHECK_MS = 250;

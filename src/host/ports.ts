/** The core's ports, implemented with web-standard APIs. */
import { pluginIssues } from "../core/issue/plugin.ts";
import type { Ports } from "../core/ports.ts";
import { failure } from "../core/result.ts";
import type { Deadline, Signal } from "../core/signal.ts";
import { findSha1 } from "./sha1.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Ports for Bun, Deno, Node and edge runtimes. They resolve no plugin; a host with a plugin loader passes its own. */
export const webPorts: Ports = {
  clock: () => performance.now(),
  createDeadline,
  newId: () => crypto.randomUUID(),
  encodeBase64: btoa,
  hashSha1: findSha1(),
  encodeUtf8: (text) => encoder.encode(text),
  decodeUtf8: (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  },
  resolvePlugin: async ({ use }, index) => {
    const reason = "createEngine was handed no resolvePlugin that knows it";
    return failure([pluginIssues["plugin.not-found"]({ at: `plugins[${index}]`, use, reason })]);
  },
  reportPluginFailure: () => {},
};

function createDeadline(ms: number, parent: Signal | undefined): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = Number.isFinite(ms) ? setTimeout(abort, ms) : undefined;
  if (parent?.aborted) abort();
  parent?.addEventListener("abort", abort, { once: true });
  const cancel = () => {
    clearTimeout(timer);
    parent?.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, cancel };
}

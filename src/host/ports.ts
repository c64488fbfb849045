/** The core's ports, filled with what every web-standard runtime has. */
import { pluginIssues } from "../core/issue/plugin.ts";
import type { Ports } from "../core/ports.ts";
import { failure } from "../core/result.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Ports for Bun, Deno, Node and edge runtimes. No plugin can be resolved: a host with a loader hands in its own. */
export const webPorts: Ports = {
  clock: () => performance.now(),
  newId: () => crypto.randomUUID(),
  encodeBase64: btoa,
  encodeUtf8: (text) => encoder.encode(text),
  decodeUtf8: (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  },
  resolvePlugin: async ({ use }) => failure([pluginIssues["plugin.not-found"]({ use })]),
};

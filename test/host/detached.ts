/** Run by plugin.test.ts in a process of its own: under `bun test`, threads' stray errors do not reach their handlers. */
import { join } from "node:path";
import type { PluginEvent } from "../../src/host/plugin/event.ts";
import { createIsolated } from "../../src/host/plugin/isolated.ts";
import { createMemoryWatch } from "../../src/host/plugin/memory-watch.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { webPorts } from "../../src/host/ports.ts";

const events: PluginEvent[] = [];
const snapshots = createSnapshots();
const { url } = await snapshots.take(join(import.meta.dir, "../fixtures/plugins/misbehaving.ts"));
const memory = createMemoryWatch({ report: () => {} });
const report = (event: PluginEvent) => events.push(event);
const plugin = await createIsolated({ url, options: {}, timeout: 5_000, memory, report });
const { signal } = webPorts.createDeadline(Number.POSITIVE_INFINITY, undefined);
const pod = {
  pod: {},
  namespace: "n",
  serviceAccount: "default",
  requests: {},
  signal,
  annotations: {},
  files: {},
};
const wireOf = (worst: string) => () => ({
  ...{ facts: JSON.stringify({ labels: { worst } }), pod: "{}", below: "[]", above: "[]", files: "{}" },
});
const first = await plugin.annotations?.({ ...pod, labels: { worst: "detached" } }, wireOf("detached"));
while (events.length < 2) await Bun.sleep(5);
const second = await plugin.annotations?.({ ...pod, labels: {} }, wireOf(""));
const left = [...events];
// Far more than are told.
await plugin.annotations?.({ ...pod, labels: { worst: "detached-often" } }, wireOf("detached-often"));
await Bun.sleep(800);
process.stdout.write(JSON.stringify({ first, second, events: left, flood: events.length - left.length }));
await plugin.close?.();
await snapshots.close();

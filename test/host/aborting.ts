/** Run by plugin.test.ts in a process of its own, which it ends. */
import plugin from "../fixtures/plugins/misbehaving.ts";

const hooks = await plugin.setup({});
await hooks.annotations?.({ labels: { worst: "aborts" } } as never);

/** The public API as a worker: the app of the configuration that a request names, so that one process serves every vector. */
import { createApp, createEngine, parseConfig } from "../../../src/index.ts";

type App = (request: Request) => Response | Promise<Response>;

/** Resolved ones only: workerd does not let one request wait for what another began. */
const apps = new Map<string, App>();

async function createFor(config: string): Promise<App> {
  const parsed = parseConfig(config);
  if (!parsed.ok) throw new Error(parsed.issues[0].message);
  const engine = await createEngine(parsed.value);
  if (!engine.ok) throw new Error(engine.issues[0].message);
  const admission = createApp(engine.value, { surface: "admission" });
  const management = createApp(engine.value, { surface: "management" });
  return (request) => (new URL(request.url).pathname === "/preview" ? management : admission).fetch(request);
}

export default {
  async fetch(request: Request): Promise<Response> {
    const config = request.headers.get("x-config") ?? "";
    const app = apps.get(config) ?? (await createFor(config));
    apps.set(config, app);
    return app(request);
  },
};

/** The table of routes: each path on its surfaces only, and only with its methods. */
import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/http/app.ts";
import { createTestEngine } from "../fixtures/engine.ts";

const engine = await createTestEngine();
const renderMetrics = async () => ({ contentType: "text/plain", text: "a 1\n" });
const apps = {
  admission: createApp(engine, { surface: "admission" }),
  management: createApp(engine, { surface: "management", renderMetrics }),
};
type Surface = keyof typeof apps;

const ROUTES: readonly [path: string, method: string, surfaces: readonly Surface[]][] = [
  ["/healthz", "GET", ["admission", "management"]],
  ["/readyz", "GET", ["admission", "management"]],
  ["/mutate", "POST", ["admission"]],
  ["/mutate--v1-pod", "POST", ["admission"]],
  ["/metrics", "GET", ["management"]],
  ["/preview", "POST", ["management"]],
  ["/openapi.json", "GET", ["management"]],
];
const rows = ROUTES.flatMap(([path, method, surfaces]) =>
  (["admission", "management"] as const).map((surface) => [path, surface, method, surfaces] as const),
);

describe.each(rows)("%s on the surface %s", (path, surface, method, surfaces) => {
  const isServed = surfaces.includes(surface);
  const send = (given: string) => apps[surface].request(path, { method: given });

  test("answers its own method, and no other", async () => {
    for (const other of ["GET", "POST", "PUT", "DELETE", "OPTIONS"].filter((name) => name !== method)) {
      const response = await send(other);
      const allow = method === "GET" ? "GET, HEAD" : method;
      expect([response.status, response.headers.get("allow")]).toEqual(isServed ? [405, allow] : [404, null]);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    }
    expect([404, 405].includes((await send(method)).status)).toBe(!isServed);
  });

  test("answers HEAD as GET, without a body", async () => {
    const response = await send("HEAD");
    expect(response.status).toBe(!isServed ? 404 : method === "GET" ? 200 : 405);
    expect(await response.text()).toBe("");
  });
});

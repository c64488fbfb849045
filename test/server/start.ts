/** A server in this process: the real app, door and listener, without the command line. */

import type { Engine } from "../../src/core/engine.ts";
import { type AppOptions, createApp } from "../../src/http/app.ts";
import { createIntake, type IntakeOptions } from "../../src/http/intake.ts";
import { BODY_LIMIT } from "../../src/http/route/mutate.ts";
import { createBunListener } from "../../src/listen/bun.ts";
import type { TlsFiles } from "../../src/listen/listener.ts";
import { createTestEngine, podWith, secret } from "../fixtures/engine.ts";
import { makeCertificates } from "../tls/make.ts";

const made = await makeCertificates();

/** CA of the server's certificate. */
export const ca = made.ca;

/** An AdmissionReview of a good pod. */
export const goodReview = JSON.stringify({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    ...{ uid: "u-1", operation: "CREATE", namespace: "ns" },
    object: podWith([secret({ group: "secret/data/team", key: "api_key", group_version: "kv2" })]),
  },
});

/** How long a former certificate's listener asks its clients to leave, milliseconds. */
export const RETIRE_MS = 100;

/** Starts one; `stop` ends it. */
export async function startServer(
  options: IntakeOptions & {
    readonly engine?: Engine;
    readonly app?: Partial<AppOptions>;
    readonly tls?: Partial<TlsFiles>;
  } = {},
) {
  const defects: unknown[] = [];
  const app = createApp(options.engine ?? (await createTestEngine()), {
    surface: "admission",
    reportDefect: (error) => defects.push(error),
    ...options.app,
  });
  const intake = createIntake(app.fetch, options);
  const running = await createBunListener(RETIRE_MS)({
    ...{ port: 0, host: "127.0.0.1", bodyLimit: BODY_LIMIT, fetch: intake.fetch },
    answerFailure: (kind, error) => {
      defects.push([kind, error]);
      return new Response(kind, { status: 500 });
    },
    tls: { ...made.server, ...options.tls },
  });
  const post = (body: string = goodReview, init: BunFetchRequestInit = {}) =>
    fetch(`https://localhost:${running.port}/mutate?timeout=10s`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body },
      tls: { ca: ca.cert },
      ...init,
    });
  const stop = async () => {
    intake.close();
    await running.stop();
  };
  return { running, intake, defects, post, stop, port: running.port };
}

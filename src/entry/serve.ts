/** What every runtime's `serve` does: configuration, engine, certificate, two listeners, and an orderly end. */
import process from "node:process";
import { loadConfig } from "../config/load.ts";
import { parseConfig } from "../config/parse.ts";
import { isObject } from "../core/admission/request.ts";
import type { Issue } from "../core/issue/issue.ts";
import { createEngine } from "../host/engine.ts";
import { createApp, type Readiness } from "../http/app.ts";
import { createLog, type Level, type Log, toFields } from "../telemetry/log.ts";
import { loadCertificate } from "../tls/certificate.ts";
import type { KeyPair } from "../tls/self-signed.ts";

/** One address that is served. */
export interface Listen {
  readonly port: number;
  readonly host: string;
  readonly tls?: KeyPair;
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** What a runtime brings: a listener, and how to end it after the requests under way. */
export type Listener = (listen: Listen) => Promise<{ readonly stop: () => Promise<void> }>;

/** What the command line asks for. */
export interface ServeOptions {
  readonly configPaths: readonly string[];
  readonly role: "all" | "admission" | "management";
}

/**
 * Serves until a signal ends it.
 *
 * @returns the exit code: 0 after an orderly end, 2 where it could not start
 */
export async function serve({ configPaths, role }: ServeOptions, listen: Listener): Promise<number> {
  const log = createLog((line) => process.stdout.write(line), Date.now);
  const loaded = await loadConfig(configPaths, process.env);
  report(log, loaded.issues);
  if (!loaded.ok) return 2;
  const { config } = loaded.value;
  const built = await createEngine(config);
  report(log, built.issues);
  if (!built.ok) return 2;
  const engine = built.value;
  const { certDir, listenPort, serviceName } = config.webhook;
  const names = ["localhost", "127.0.0.1", `${serviceName}.flyte.svc`];
  const certificate = await loadCertificate(
    certDir,
    names,
    process.env.KUBERNETES_SERVICE_HOST !== undefined,
  );
  report(log, certificate.issues);
  if (!certificate.ok) return 2;

  const readiness: { state: Readiness } = { state: { ready: false, checks: { listeners: "starting" } } };
  const options = {
    preview: config.server.preview,
    // Without an environment: a candidate configuration must not read ours.
    createCandidate: async (candidate: unknown) => {
      const parsed = parseConfig(isObject(candidate) || typeof candidate === "string" ? candidate : "");
      return parsed.ok ? createEngine(parsed.value) : parsed;
    },
    readiness: () => readiness.state,
    reportDefect: (error: unknown) => log("error", "defect", toFields(error)),
  };
  // A certificate that nobody trusts is for this machine only.
  const selfSigned = certificate.issues.length > 0;
  const host = selfSigned ? "127.0.0.1" : config.server.admission.host;
  const listeners = [
    role !== "management" && {
      port: listenPort,
      host,
      tls: certificate.value,
      fetch: createApp(engine, { ...options, surface: "admission" }).fetch,
    },
    role !== "admission" && {
      ...config.server.management,
      fetch: createApp(engine, { ...options, surface: "management" }).fetch,
    },
  ].filter((entry) => entry !== false);
  const running = await Promise.all(listeners.map(listen));
  readiness.state = { ready: true, checks: { listeners: "serving", config: engine.hash } };
  log("info", "serving", {
    config: engine.hash,
    listeners: listeners.map(({ port, host: at, tls }) => `${tls ? "https" : "http"}://${at}:${port}`),
  });
  const signal = await untilSignal();
  readiness.state = { ready: false, checks: { listeners: "stopping" } };
  log("info", "stopping", { signal });
  await Promise.all(running.map(({ stop }) => stop()));
  await engine.close();
  return 0;
}

const LEVELS: Readonly<Record<Issue["severity"], Level>> = {
  deny: "error",
  error: "error",
  warning: "warn",
  info: "info",
};

function report(log: Log, issues: readonly Issue[]): void {
  for (const { severity, message, ...issue } of issues) log(LEVELS[severity], message, issue);
}

/** As PID 1, a process has no default handlers: without ours a signal would be ignored. */
function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}

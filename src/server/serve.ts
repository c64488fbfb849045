/** What every runtime's `serve` does: configuration, engine, certificate, listeners, and an orderly end. */
import process from "node:process";
import type { Config } from "../config/schema.ts";
import type { Engine } from "../core/engine.ts";
import type { PreviewThread } from "../host/preview/thread.ts";
import { type AppOptions, createApp } from "../http/app.ts";
import { createIntake, type Intake } from "../http/intake.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import type { Listener } from "../listen/listener.ts";
import { toFields } from "../telemetry/log.ts";
import { type Env, watchEnv } from "./environment.ts";
import { followCertificate, loadInTime } from "./follow-certificate.ts";
import { followConfig } from "./follow-config.ts";
import {
  bindAll,
  isInsidePod,
  type Role,
  toAdmission,
  toCertificateSource,
  toManagement,
} from "./listeners.ts";
import { createPageLoader } from "./page.ts";
import type { Runtime } from "./runtime.ts";
import { drain, surviveDetached, toDrainTimes, untilSignal } from "./shutdown.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

/** What the command line asks for. */
export interface ServeOptions {
  readonly configPaths: readonly string[];
  readonly role: Role;
}

/** What serving needs besides addresses. */
interface Context {
  readonly config: Config;
  readonly engine: () => Engine;
  /** Parts of readiness that come with the engine. */
  readonly checks: () => readonly ReadyCheck[];
  readonly createCandidate: NonNullable<AppOptions["createCandidate"]>;
  readonly telemetry: Telemetry;
  /** The door of /mutate, once there is one. */
  readonly door: { intake?: Intake };
  readonly env: Env;
}

/** With more reviews than this under way, or a process held up for longer, previews wait. */
const BUSY_REVIEWS = 16;
const BUSY_MS = 100;

/**
 * Serves until a signal ends it.
 *
 * @param runtime how it serves an address, and what it cannot do
 * @returns the exit code: 0 after an orderly end, 2 where it could not start
 */
export async function serve({ configPaths, role }: ServeOptions, runtime: Runtime): Promise<number> {
  const { env, forgetRead } = watchEnv(process.env);
  const door: Context["door"] = {};
  const telemetry = await createTelemetry(env, runtime.createOutput(), () => door.intake?.inFlight() ?? 0);
  const { log, metrics, report } = telemetry;
  surviveDetached((error) => {
    metrics.countDetached();
    log("error", "detached failure", toFields(error));
  });
  try {
    report(runtime.limits);
    const followed = await followConfig(configPaths, env, telemetry);
    report(followed.issues);
    if (!followed.ok) return 2;
    forgetRead(process.env);
    const { live, check, close } = followed.value;
    const code = await serveEngine(role, runtime.listen, {
      ...{ telemetry, door, env },
      config: live.current().config,
      engine: live.engine,
      checks: () => [check()],
      createCandidate: (candidate) => live.current().createCandidate(candidate),
    });
    await close();
    return code;
  } finally {
    await telemetry.close();
  }
}

/** Opens the listeners that the role names, and closes them after a signal. */
async function serveEngine(role: Role, listen: Listener, context: Context): Promise<number> {
  const { config, telemetry, env, door } = context;
  const { log, metrics, report } = telemetry;
  const source = toCertificateSource(config, env);
  const certificate = role === "management" ? undefined : await loadInTime(source);
  report(certificate?.issues ?? []);
  if (certificate?.ok === false) return 2;

  const state = { listeners: "starting" };
  const parts: (() => readonly ReadyCheck[])[] = [
    context.checks,
    () => [{ name: "listeners", ok: state.listeners === "serving", detail: state.listeners }],
  ];
  const options = toAppOptions(context, () => parts.flatMap((part) => part()));
  const thread = createLateThread();
  door.intake = createIntake(createApp(context.engine, { ...options, surface: "admission" }).fetch, {
    onProblem: metrics.countProblem,
  });
  const management = createApp(context.engine, {
    ...{ ...options, surface: "management", openPreview: thread.open, loadPage: createPageLoader() },
  });
  const bound = await bindAll(listen, {
    admission: certificate && toAdmission(config, certificate.value, door.intake.fetch),
    management: role === "admission" ? undefined : toManagement(config, management.fetch),
  });
  report(bound.issues);
  if (!bound.ok) return 2;
  const { admission, all, urls } = bound.value;
  const onAttempt = (ok: boolean, { notAfter }: { readonly notAfter: number }) => {
    metrics.certificateReloaded(ok, notAfter);
    if (ok) log("info", "certificate in use", { until: new Date(notAfter).toISOString() });
  };
  const followed =
    admission &&
    certificate &&
    followCertificate(source, certificate.value, admission, { report, onAttempt });
  if (certificate) onAttempt(true, certificate.value);
  if (followed) parts.push(() => [followed.check()]);
  state.listeners = "serving";
  log("info", "serving", { config: context.engine().hash, listeners: urls });

  const signal = await untilSignal();
  state.listeners = "stopping";
  log("info", "stopping", { signal });
  followed?.close();
  const isWhole = await drain(all, toDrainTimes(config.server.drainSeconds, isInsidePod(env)));
  log(isWhole ? "info" : "error", "stopped", { whole: isWhole });
  door.intake.close();
  thread.close();
  return 0;
}

/** The thread for previews; its code is loaded by the first of them, so that the server is ready soon. */
function createLateThread(): PreviewThread {
  let thread: PreviewThread | undefined;
  return {
    open: async (text) => {
      const { createPreviewThread } = await import("../host/preview/thread.ts");
      thread ??= createPreviewThread();
      return thread.open(text);
    },
    close: () => thread?.close(),
  };
}

function toAppOptions(context: Context, readiness: () => readonly ReadyCheck[]) {
  const { config, telemetry, door, createCandidate } = context;
  const { log, loopDelay, metrics, observe } = telemetry;
  return {
    ...{ readiness, observe, createCandidate },
    preview: config.server.preview,
    renderMetrics: metrics.render,
    isLoaded: () => (door.intake?.inFlight() ?? 0) > BUSY_REVIEWS || loopDelay.current() > BUSY_MS,
    reportDefect: (error: unknown) => log("error", "defect", toFields(error)),
  };
}

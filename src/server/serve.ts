/** `serve` on every runtime: load configuration, engine and certificate, open the listeners, drain at the end. */
import process from "node:process";
import manifest from "../../package.json" with { type: "json" };
import type { Env } from "../config/env.ts";
import type { Config } from "../config/schema.ts";
import type { AdmissionRequest } from "../core/admission/request.ts";
import { httpIssues } from "../core/issue/http.ts";
import type { Live } from "../host/live.ts";
import type { MemoryWatch } from "../host/plugin/memory-watch.ts";
import { limitRate } from "../host/rate.ts";
import { createApp } from "../http/app.ts";
import { createIntake, type Intake } from "../http/intake.ts";
import type { ReviewObserver } from "../http/observe.ts";
import { renderProblem } from "../http/problem.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import { MANAGEMENT_INTAKE } from "../http/route/preview.ts";
import type { AnswerFailure } from "../listen/listener.ts";
import { toFields } from "../telemetry/log.ts";
import type { Build } from "../telemetry/metrics.ts";
import { watchEnv } from "./environment.ts";
import { followCertificate, loadFirst, loadInTime } from "./follow-certificate.ts";
import { followConfig } from "./follow-config.ts";
import {
  bindAll,
  isInsidePod,
  isLoopback,
  type Role,
  toAdmission,
  toCertificateSource,
  toManagement,
} from "./listeners.ts";
import type { LoadedEngine } from "./load.ts";
import { createMode } from "./mode.ts";
import { createPageLoader } from "./page.ts";
import { createLatePreviews } from "./previews.ts";
import { nameRuntime, type Runtime } from "./runtime.ts";
import { drain, surviveDetached, toDrainTimes, untilSignal } from "./shutdown.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

/** What the command line asks for. */
export interface ServeOptions {
  readonly configPaths: readonly string[];
  readonly role: Role;
}

/** What the parts of the server share. */
interface Context {
  readonly config: Config;
  readonly live: Live<LoadedEngine>;
  readonly memory: MemoryWatch;
  /** Lines of `/readyz` about the engine and its plugins. */
  readonly checks: () => readonly ReadyCheck[];
  /** Keeps a reviewed pod, so that the next configuration can be tried on it. */
  readonly record: (request: AdmissionRequest) => void;
  readonly build: Build;
  readonly telemetry: Telemetry;
  /** The limits in front of `/mutate`; empty until the listener is created. */
  readonly door: { intake?: Intake };
  readonly env: Env;
  /** Starts to follow the configuration's files. */
  readonly follow: () => Promise<void>;
}

/** Previews wait while more reviews than this are in flight. */
const BUSY_REVIEWS = 16;
/** What need not be there when the server is ready starts this much later, milliseconds. */
const SETTLE_MS = 200;

/**
 * Serves until a signal ends it.
 *
 * @param runtime how the runtime serves an address, and its limitations
 * @returns the exit code: 0 after an orderly end, 2 if it could not start
 */
export async function serve({ configPaths, role }: ServeOptions, runtime: Runtime): Promise<number> {
  const { env, forgetRead } = watchEnv(process.env);
  const door: Context["door"] = {};
  const inFlight = () => door.intake?.inFlight() ?? 0;
  const build = { version: manifest.version, runtime: nameRuntime(process.versions) };
  const telemetry = await createTelemetry(env, runtime.createOutput(), inFlight, build);
  const { log, metrics, report } = telemetry;
  const logDetached = limitRate(
    (error: unknown) => log("error", "detached failure", toFields(error)),
    (dropped) => log("error", "detached failure", { dropped }),
  );
  surviveDetached((error) => {
    metrics.countDetached();
    logDetached(error);
  });
  try {
    report(runtime.limits);
    const followed = await followConfig(configPaths, env, telemetry, runtime.disk);
    report(followed.issues);
    if (!followed.ok) return 2;
    forgetRead(process.env);
    const { live, memory, record, checks, follow, close } = followed.value;
    const code = await serveEngine(role, runtime, {
      ...{ telemetry, door, env, live, memory, record, checks, follow, build },
      config: live.current().config,
    });
    await close();
    return code;
  } finally {
    await telemetry.close();
  }
}

/** Opens the listeners that the role names, and closes them after a signal. */
async function serveEngine(role: Role, runtime: Runtime, context: Context): Promise<number> {
  const { config, telemetry, env, door, live, memory } = context;
  const { log, metrics, report } = telemetry;
  const source = toCertificateSource(config, env, runtime.disk);
  const first =
    role === "management" ? undefined : await loadFirst(source, runtime.checksCertificates === true);
  report(first?.issues ?? []);
  if (first?.ok === false) return 2;
  const certificate = first?.value.certificate;

  const state = { listeners: "starting" };
  const parts: (() => readonly ReadyCheck[])[] = [
    context.checks,
    () => [{ name: "listeners", ok: state.listeners === "serving", detail: state.listeners }],
  ];
  const options = toAppOptions(context, () => parts.flatMap((part) => part()));
  const { engine } = live;
  const mode = await createMode(config, live, telemetry);
  parts.push(() => [mode.check()]);
  const answerFailure = toFailureAnswer(log);
  door.intake = createIntake(createApp(mode.engine, { ...options, surface: "admission" }).fetch, {
    onProblem: metrics.countProblem,
  });
  const thread = createLatePreviews(live, memory, telemetry);
  const management = createApp(engine, {
    ...{ ...options, surface: "management", makePreview: thread.make, loadPage: createPageLoader() },
  });
  const people = createIntake(management.fetch, MANAGEMENT_INTAKE);
  const bound = await bindAll(runtime.listen, {
    admission: certificate && toAdmission(config, certificate, { fetch: door.intake.fetch, answerFailure }),
    management:
      role === "admission" ? undefined : toManagement(config, { fetch: people.fetch, answerFailure }),
  });
  if (!bound.ok) {
    // Only a complete check can say what is wrong with a certificate that the listener refuses.
    const checked = first?.value.isUnchecked ? await loadInTime(source) : undefined;
    report(checked?.ok === false ? checked.issues : bound.issues);
    return 2;
  }
  const { admission, all, urls } = bound.value;
  const onAttempt = (ok: boolean, { notAfter }: { readonly notAfter: number }) => {
    metrics.certificateReloaded(ok, notAfter);
    if (ok) log("info", "certificate in use", { until: new Date(notAfter).toISOString() });
  };
  const followed =
    admission && first && followCertificate(source, first.value, admission, { report, onAttempt });
  if (certificate) onAttempt(true, certificate);
  if (followed) parts.push(() => [followed.check()]);
  state.listeners = "serving";
  log("info", "serving", { ...context.build, config: engine().hash, listeners: urls });

  const settling = setTimeout(() => {
    void context.follow();
    void followed?.follow();
  }, SETTLE_MS);
  const signal = await untilSignal();
  clearTimeout(settling);
  state.listeners = "stopping";
  log("info", "stopping", { signal });
  followed?.close();
  const isWhole = await drain(all, toDrainTimes(config.server.drainSeconds, isInsidePod(env)));
  log(isWhole ? "info" : "error", "stopped", { whole: isWhole });
  door.intake.close();
  people.close();
  thread.close();
  return 0;
}

function toAppOptions({ config, telemetry, door, record }: Context, readiness: () => readonly ReadyCheck[]) {
  const { log, metrics } = telemetry;
  const observe: ReviewObserver = (review) => {
    telemetry.observe(review);
    record(review.request);
  };
  return {
    ...{ readiness, observe },
    preview: { ...config.server.preview, isLocal: isLoopback(config.server.management.host) },
    hosts: config.server.management.hosts,
    renderMetrics: metrics.render,
    isLoaded: () => (door.intake?.inFlight() ?? 0) > BUSY_REVIEWS,
    reportDefect: (error: unknown) => log("error", "defect", toFields(error)),
  };
}

/** The response of a listener where the app could not make one. */
function toFailureAnswer(log: Telemetry["log"]): AnswerFailure {
  return (kind, error) => {
    if (kind === "malformed") return renderProblem(400, httpIssues["http.request-malformed"]({}), CLOSE);
    log("error", "defect", toFields(error));
    return renderProblem(500, httpIssues["http.internal"]({}), CLOSE);
  };
}

const CLOSE = { connection: "close" };

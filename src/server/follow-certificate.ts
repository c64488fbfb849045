/** Watches the certificate's files and gives each new certificate to the listener, without dropping a connection. */
import { join } from "node:path";
import type { Issue } from "../core/issue/issue.ts";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result, success } from "../core/result.ts";
import { STEP_LIMIT_MS, within } from "../host/limit.ts";
import type { Watch } from "../host/watch.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import type { Running } from "../listen/listener.ts";
import {
  CERTIFICATE_FILES,
  type CertificateSource,
  loadCertificate,
  loadForListener,
} from "../tls/certificate.ts";
import type { Certificate } from "../tls/inspect.ts";
import { createRotation, type Rotation } from "../tls/rotation.ts";

/** Callbacks about certificates. */
export interface CertificateEvents {
  readonly report: (issues: readonly Issue[]) => void;
  /** Called when a new certificate is served or was refused. */
  readonly onAttempt: (ok: boolean, certificate: Certificate) => void;
}

/** A certificate that is kept up to date with its files. */
export interface FollowedCertificate {
  readonly check: () => ReadyCheck;
  /** Starts to watch the files; a change since `loadedAt` is found, too. Call it when the server is ready. */
  readonly follow: () => Promise<void>;
  readonly close: () => void;
}

const HOUR_MS = 3_600_000;

/** The certificate that a listener starts with. */
export interface FirstCertificate {
  readonly certificate: Certificate;
  /** Whether only the listener has checked it, so that warnings about it are still to be found. */
  readonly isUnchecked: boolean;
  /** When its files were read, milliseconds since the epoch. */
  readonly loadedAt: number;
}

/**
 * Serves each new certificate from now on, and reports hourly when the current one is about to expire.
 *
 * @param first the certificate that the listener started with
 */
export function followCertificate(
  source: CertificateSource,
  { certificate: served, isUnchecked, loadedAt }: FirstCertificate,
  listener: Running,
  { report, onAttempt }: CertificateEvents,
): FollowedCertificate {
  const rotation = createRotation(served, {
    load: () => loadInTime(source),
    use: (certificate) => listener.replaceTls(certificate),
    onAttempt: ({ ok, certificate, issues }) => {
      report(issues);
      onAttempt(ok, certificate);
    },
    now: Date.now,
  });
  const files = CERTIFICATE_FILES.map((name) => join(source.folder, name));
  const paths = source.clientCa === undefined ? files : [...files, source.clientCa];
  let watch: Watch | undefined;
  let isClosed = false;
  const stopReminding = remindOfExpiry(rotation, report);
  return {
    check: () => ({ name: "certificate", ...rotation.state() }),
    follow: async () => {
      // Imported when the server is ready; see followConfig.
      const { watchFiles } = await import("../host/watch.ts");
      if (isClosed) return;
      // `since`: a renewal between loading and watching would otherwise go unnoticed until the next one, months later.
      watch = watchFiles(paths, () => void rotation.check(), { since: loadedAt });
      if (isUnchecked) report((await loadInTime(source)).issues);
    },
    close: () => {
      isClosed = true;
      watch?.close();
      stopReminding();
    },
  };
}

/** Loads a certificate within ten seconds. Attempts run one after another, so a hanging folder would block all later ones. */
export function loadInTime(source: CertificateSource): Promise<Result<Certificate>> {
  const reason = `it was not read within ${STEP_LIMIT_MS / 1_000} seconds`;
  const late = () => failure([tlsIssues["tls.file-unreadable"]({ file: source.folder, reason })]);
  return within(STEP_LIMIT_MS, loadCertificate(source, Date.now()), late);
}

/**
 * Loads the certificate that a listener starts with, within ten seconds.
 *
 * @param isQuick whether the listener checks it as far as it can; then warnings wait until it is followed
 */
export async function loadFirst(
  source: CertificateSource,
  isQuick: boolean,
): Promise<Result<FirstCertificate>> {
  const loadedAt = Date.now();
  const known = isQuick && (await within(STEP_LIMIT_MS, loadForListener(source, loadedAt), () => undefined));
  if (known) return success({ certificate: known, isUnchecked: true, loadedAt });
  const loaded = await loadInTime(source);
  if (!loaded.ok) return loaded;
  return success({ certificate: loaded.value, isUnchecked: false, loadedAt }, loaded.issues);
}

function remindOfExpiry(rotation: Rotation, report: CertificateEvents["report"]): () => void {
  report(rotation.expiryIssues());
  // Hourly, because a log is kept for a limited time, and whoever looks today has to find the warning.
  const timer = setInterval(() => report(rotation.expiryIssues()), HOUR_MS);
  timer.unref();
  return () => clearInterval(timer);
}

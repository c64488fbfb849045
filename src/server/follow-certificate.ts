/** Watches the certificate's files and gives each new certificate to the listener, without dropping a connection. */
import { join } from "node:path";
import type { Issue } from "../core/issue/issue.ts";
import { tlsIssues } from "../core/issue/tls.ts";
import { failure, type Result } from "../core/result.ts";
import { STEP_LIMIT_MS, within } from "../host/limit.ts";
import { watchFiles } from "../host/watch.ts";
import type { ReadyCheck } from "../http/readiness.ts";
import type { Running } from "../listen/listener.ts";
import { CERTIFICATE_FILES, type CertificateSource, loadCertificate } from "../tls/certificate.ts";
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
  readonly close: () => void;
}

const HOUR_MS = 3_600_000;

/**
 * Serves each new certificate from now on, and reports hourly when the current one is about to expire.
 *
 * @param served the certificate that the listener started with
 */
export function followCertificate(
  source: CertificateSource,
  served: Certificate,
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
  const watch = watchFiles(paths, () => void rotation.check());
  const stopReminding = remindOfExpiry(rotation, report);
  return {
    check: () => ({ name: "certificate", ...rotation.state() }),
    close: () => {
      watch.close();
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

function remindOfExpiry(rotation: Rotation, report: CertificateEvents["report"]): () => void {
  report(rotation.expiryIssues());
  const timer = setInterval(() => report(rotation.expiryIssues()), HOUR_MS);
  timer.unref();
  return () => clearInterval(timer);
}

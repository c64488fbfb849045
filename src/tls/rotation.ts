/**
 * Certificate rotation. When the files change, the new certificate is checked and then served. If it is broken, the
 * previous one stays in use and the failure is reported.
 *
 * The API server calls this webhook for every pod, and refuses pods if the handshake fails (failurePolicy: Fail). So a
 * certificate that works is never given up for one that might not: a broken renewal is loud, but harms nobody until the
 * previous certificate expires.
 */
import type { Issue } from "../core/issue/issue.ts";
import { tlsIssues } from "../core/issue/tls.ts";
import type { Result } from "../core/result.ts";
import { DAY_MS, renderDay } from "./day.ts";
import type { Certificate } from "./inspect.ts";

/** What a rotation needs. */
export interface RotationDeps {
  /** Reads and checks the files. */
  readonly load: () => Promise<Result<Certificate>>;
  /** Serves a certificate; rejects if the runtime does not accept it. */
  readonly use: (certificate: Certificate) => Promise<void>;
  /** Called after each attempt that changed the certificate or failed. */
  readonly onAttempt: (attempt: Attempt) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long to wait before files that do not belong together are read again, milliseconds. */
  readonly settleMs?: number;
}

/** The result of loading changed files. */
export interface Attempt {
  readonly ok: boolean;
  /** The certificate that is served afterwards. */
  readonly certificate: Certificate;
  readonly issues: readonly Issue[];
}

/** The certificate's part of readiness. */
interface CertificateState {
  readonly ok: boolean;
  readonly detail: string;
}

/** The certificate that is served, kept up to date with its files. */
export interface Rotation {
  /** The certificate that is served now. */
  readonly current: () => Certificate;
  /** Reads the files; call it when they change. Attempts run one after another, so an older load never overwrites a newer one. */
  readonly check: () => Promise<void>;
  readonly state: () => CertificateState;
  /** @returns a warning from 14 days before the expiry, an error after it; empty before that */
  readonly expiryIssues: () => readonly Issue[];
}

/** cert-manager renews with 30 of 90 days left, so an age past this point means that renewal does not work. */
const SOON_DAYS = 14;
/**
 * A Secret volume replaces both files in one step. Other writers replace tls.crt and tls.key one after the other, and a load
 * between the two sees a key that does not belong to the certificate; so a failed load is repeated once after this time.
 */
const SETTLE_MS = 500;

/**
 * Starts with the certificate that the listener already serves.
 *
 * @param first the one that was loaded at start
 */
export function createRotation(first: Certificate, deps: RotationDeps): Rotation {
  let current = first;
  let failed: string | undefined;
  let queue = Promise.resolve();

  const fail = (reason: string) => {
    failed = reason;
    const notAfter = renderDay(current.notAfter);
    const issues = [tlsIssues["tls.rotation-failed"]({ reason, notAfter })];
    deps.onAttempt({ ok: false, certificate: current, issues });
  };
  const attempt = async () => {
    const loaded = await loadSettled(deps);
    if (!loaded.ok) return fail(loaded.issues[0].message);
    const { value, issues } = loaded;
    // `load` creates a self-signed certificate if the files are gone; the one that is served is better.
    if (value.selfSigned) return current.selfSigned ? undefined : fail("its files are gone");
    // Files are touched more often than they change. After a failure, the same certificate is used once more, which ends the
    // failure.
    if (isSame(value, current) && failed === undefined) return;
    try {
      await deps.use(value);
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
    current = value;
    failed = undefined;
    deps.onAttempt({ ok: true, certificate: value, issues });
  };
  return {
    current: () => current,
    check: () => {
      // `attempt` must not reject: the queue would stay rejected, and no later change would be read.
      queue = queue.then(attempt);
      return queue;
    },
    state: () => describeState(current, failed, deps.now()),
    expiryIssues: () => checkExpiry(current, deps.now()),
  };
}

function isSame(a: Certificate, b: Certificate): boolean {
  return a.cert === b.cert && a.key === b.key && a.clientCa === b.clientCa;
}

async function loadSettled({ load, settleMs = SETTLE_MS }: RotationDeps): Promise<Result<Certificate>> {
  const loaded = await load();
  if (loaded.ok) return loaded;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  return load();
}

function describeState(current: Certificate, failed: string | undefined, now: number): CertificateState {
  // Rounded down, so that the last day shows 0.
  const days = Math.floor((current.notAfter - now) / DAY_MS);
  const until = `${current.selfSigned ? "self-signed, " : ""}until ${new Date(current.notAfter).toISOString()}`;
  const left = days < 0 ? `${until} (expired)` : `${until} (${days} days)`;
  return {
    ok: current.notAfter > now,
    detail: failed === undefined ? left : `${left}; a newer one was refused: ${failed}`,
  };
}

function checkExpiry({ notAfter }: Certificate, now: number): readonly Issue[] {
  const days = Math.floor((notAfter - now) / DAY_MS);
  if (notAfter <= now) return [tlsIssues["tls.expired-serving"]({ notAfter: renderDay(notAfter) })];
  return days < SOON_DAYS ? [tlsIssues["tls.expires-soon"]({ notAfter: renderDay(notAfter), days })] : [];
}

/**
 * Rotation: when the files change, the new certificate is checked and taken into use; a broken one leaves the old one
 * serving, and says so.
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
  /** Takes a certificate into use; throws where the runtime does not take it. */
  readonly use: (certificate: Certificate) => Promise<void>;
  /** Told of every attempt. */
  readonly onAttempt: (attempt: Attempt) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long to wait before files that do not fit together are looked at again, in milliseconds. */
  readonly settleMs?: number;
}

/** What became of a change of the files. */
export interface Attempt {
  readonly ok: boolean;
  /** The certificate that is served afterwards. */
  readonly certificate: Certificate;
  readonly issues: readonly Issue[];
}

/** The certificate's part of readiness. */
export interface CertificateState {
  readonly ok: boolean;
  readonly detail: string;
}

/** A certificate that is served, and its successors. */
export interface Rotation {
  /** The certificate that is served now. */
  readonly current: () => Certificate;
  /** Looks at the files; called when they change. Attempts run one after the other. */
  readonly check: () => Promise<void>;
  readonly state: () => CertificateState;
  /** What is to be told about the expiry now; nothing while it is far. */
  readonly expiryIssues: () => readonly Issue[];
}

/** cert-manager renews when a third of the time is left, 30 of 90 days; after that something is wrong. */
const SOON_DAYS = 14;
/** A writer that is no Secret volume writes one file after the other. */
const SETTLE_MS = 500;

/**
 * Begins with a certificate that is served already.
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
    // A certificate of our own making means that the files are gone; what is served is better.
    if (value.selfSigned) return current.selfSigned ? undefined : fail("its files are gone");
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

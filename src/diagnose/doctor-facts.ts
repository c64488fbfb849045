/** What `doctor` knows of a cluster, and the form of what it says. */
import type { Issue } from "../core/issue/issue.ts";
import type { RegisteredWebhook } from "./registration.ts";

/** Something that was read from the cluster, or why it could not be. */
export type Known<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** A webhook that should serve, and does not. */
export interface UnreachableServer {
  readonly registration: string;
  readonly target: string;
  /** What happened instead of a handshake. */
  readonly unreachable: string;
}

/** A webhook's server, as a TLS client sees it. */
export interface ServedCertificate {
  readonly registration: string;
  readonly target: string;
  /** Absent where the certificate is trusted by the registration's caBundle, for the name that the API server uses. */
  readonly untrusted?: string;
  /** End of its validity, milliseconds since the epoch. */
  readonly notAfter: number;
  /** The same as a day: `2026-12-31`. */
  readonly day: string;
}

/** One replica of this webhook. */
export interface Replica {
  readonly pod: string;
  readonly isReady: boolean;
  /** Hash of its configuration, or what is wrong with it. */
  readonly detail: string;
}

/** Everything that a check may look at. */
export interface ClusterFacts {
  readonly registrations: Known<readonly unknown[]>;
  readonly namespaces: Known<readonly unknown[]>;
  readonly services: Known<readonly unknown[]>;
  readonly policies: Known<readonly unknown[]>;
  readonly bindings: Known<readonly unknown[]>;
  readonly deployments: Known<readonly unknown[]>;
  /** `1.35.2`. */
  readonly apiServer: Known<string>;
  readonly nodes: Known<readonly unknown[]>;
  readonly certificates: readonly Known<ServedCertificate | UnreachableServer>[];
  readonly replicas: Known<readonly Replica[]>;
  /** A sample pod after the whole chain. */
  readonly dryRun: { readonly namespace: string; readonly pod: Known<unknown> };
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether this webhook need not be registered yet. */
  readonly isBeforeSwitch: boolean;
}

/** One row of the table. */
export interface DoctorRow {
  readonly check: string;
  readonly verdict: "fine" | "finding" | "not checked";
  readonly detail: string;
  readonly issues: readonly Issue[];
}

/** The facts with what is made of them. */
export interface Chain extends ClusterFacts {
  /** In the order in which they are called. */
  readonly webhooks: readonly RegisteredWebhook[];
}

/** @returns a row that is fine where nothing is found */
export function toRow(detail: string, issues: readonly Issue[]): Omit<DoctorRow, "check"> {
  return { verdict: issues.length > 0 ? "finding" : "fine", detail, issues };
}

/** @returns a row that says why nobody could look */
export function notChecked(reason: string): Omit<DoctorRow, "check"> {
  return { verdict: "not checked", detail: reason, issues: [] };
}

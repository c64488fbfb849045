/** Input and output types of `doctor`: facts about a cluster, and rows of its table. */
import type { Issue } from "../core/issue/issue.ts";
import type { RegisteredWebhook } from "./registration.ts";

/** A value read from the cluster, or why it could not be read. */
export type Known<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** A webhook whose server does not answer. */
export interface UnreachableServer {
  readonly registration: string;
  readonly target: string;
  /** What happened instead of a handshake. */
  readonly unreachable: string;
}

/** The certificate that a webhook's server presents to a TLS client. */
export interface ServedCertificate {
  readonly registration: string;
  readonly target: string;
  /** Why the API server does not trust it by the registration's caBundle; absent if it does. */
  readonly untrusted?: string;
  /** End of its validity, in milliseconds since the epoch. */
  readonly notAfter: number;
  /** The same as a day: `2026-12-31`. */
  readonly day: string;
}

/** One replica of this webhook. */
export interface Replica {
  readonly pod: string;
  readonly isReady: boolean;
  /** Hash of its configuration if it is ready, else the reason why not. */
  readonly detail: string;
}

/** The input of all checks. */
export interface ClusterFacts {
  readonly registrations: Known<readonly unknown[]>;
  readonly namespaces: Known<readonly unknown[]>;
  readonly services: Known<readonly unknown[]>;
  readonly policies: Known<readonly unknown[]>;
  readonly bindings: Known<readonly unknown[]>;
  readonly deployments: Known<readonly unknown[]>;
  /** ConfigMaps with this webhook's configuration. */
  readonly configMaps: Known<readonly unknown[]>;
  /** Version, such as `1.35.2`. */
  readonly apiServer: Known<string>;
  readonly nodes: Known<readonly unknown[]>;
  readonly certificates: readonly Known<ServedCertificate | UnreachableServer>[];
  readonly replicas: Known<readonly Replica[]>;
  /** A sample pod after the whole chain. */
  readonly dryRun: { readonly namespace: string; readonly pod: Known<unknown> };
  /** A sample pod that asks for a variable, after the whole chain. */
  readonly variableRun: Known<unknown>;
  /** Current time, in milliseconds since the epoch. */
  readonly now: number;
  /** Whether this webhook does not have to be registered yet. */
  readonly isBeforeSwitch: boolean;
}

/** One row of the table. */
export interface DoctorRow {
  readonly check: string;
  readonly verdict: "fine" | "finding" | "not checked";
  readonly detail: string;
  readonly issues: readonly Issue[];
}

/** The facts, with the parsed registrations. */
export interface Chain extends ClusterFacts {
  /** Registered webhooks, in the order in which the API server calls them. */
  readonly webhooks: readonly RegisteredWebhook[];
}

/** @returns a row with the verdict `fine` if there are no issues, else `finding` */
export function toRow(detail: string, issues: readonly Issue[]): Omit<DoctorRow, "check"> {
  return { verdict: issues.length > 0 ? "finding" : "fine", detail, issues };
}

/** @returns a row that says why something could not be checked */
export function notChecked(reason: string): Omit<DoctorRow, "check"> {
  return { verdict: "not checked", detail: reason, issues: [] };
}

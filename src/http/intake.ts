/**
 * The limits in front of an app: how many requests it handles at a time, and how long each may take, including the arrival of
 * its body. A request over the limit is refused before its body is read: an early refusal lets the API server try another
 * replica.
 */

import { httpIssues } from "../core/issue/http.ts";
import type { Issue } from "../core/issue/issue.ts";
import { readTimeout, toBudget } from "./deadline.ts";
import { renderProblem } from "./problem.ts";

/** How long a request may take, milliseconds from its first byte. */
interface Limits {
  /** Until its body has arrived. */
  readonly bodyMs: number;
  /** Until it is answered. */
  readonly answerMs: number;
}

/** The limits of an intake, and its callback. */
export interface IntakeOptions {
  /** Most requests at a time. A review without plugins takes microseconds, so even a hundred are many. */
  readonly maxInFlight?: number;
  /** Called with the HTTP status of every refusal. */
  readonly onProblem?: (status: number) => void;
  /** @returns the limits of a request, by its URL; must not throw */
  readonly toLimits?: (url: string) => Limits;
}

/** An app behind limits. */
export interface Intake {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Requests that are being read or answered. */
  readonly inFlight: () => number;
  /** Stops checking for late requests. */
  readonly close: () => void;
}

/** Most requests at a time, by default. */
export const MOST_IN_FLIGHT = 512;
const SWEEP_MS = 100;
/** The shortest deadline (deadline.ts); younger requests cannot be late. */
const YOUNGEST_MS = 200;
/** A body that arrives together with its headers takes less than this, even on a busy machine. */
const PROMPT_MS = 20;
/** 80 % of 30 s, the longest `timeoutSeconds` of a registration: no API server sends a longer timeout. */
const LONGEST_MS = 24_000;
/** A review answers at its deadline, in the protocol; one that has not after this long is ended here. */
const GRACE_MS = 500;

/** The limits of a review: what the API server's `timeout` leaves. */
function toReviewLimits(url: string): Limits {
  const bodyMs = Math.min(LONGEST_MS, toBudget(readTimeout(url)));
  return { bodyMs, answerMs: bodyMs + GRACE_MS };
}

/** A request that is being handled. */
class Visit {
  isReading = true;
  readonly since = performance.now();
  readonly #url: string;
  #limits: Limits | undefined;
  /** Answers the request in place of its handler. */
  cut: (response: Response) => void = () => {};

  constructor(url: string) {
    this.#url = url;
  }

  /** Computed on first use: most requests are answered earlier. */
  limits(toLimits: (url: string) => Limits): Limits {
    this.#limits ??= toLimits(this.#url);
    return this.#limits;
  }
}

/** Notes that a request's body is complete; handlers call it with Hono's environment. */
export function noteBodyRead(env: unknown): void {
  if (env instanceof Visit) env.isReading = false;
}

/** @returns whether a request's body was still being read: then the client disconnected or was too slow */
export function isUnread(env: unknown): boolean {
  return env instanceof Visit && env.isReading;
}

/**
 * Puts limits before an app.
 *
 * @param fetch answers a request, and passes its second argument to `noteBodyRead`
 */
export function createIntake(
  fetch: (request: Request, env: object) => Response | Promise<Response>,
  { maxInFlight = MOST_IN_FLIGHT, onProblem = () => {}, toLimits = toReviewLimits }: IntakeOptions = {},
): Intake {
  const visits = new Set<Visit>();
  const refuse = (status: number, issue: Issue) => {
    onProblem(status);
    return renderProblem(status, issue, { connection: "close", "retry-after": "1" });
  };
  const sweep = setInterval(() => {
    if (visits.size > 0) cutLate(visits, toLimits, refuse);
  }, SWEEP_MS);
  sweep.unref();
  const note = (response: Response) => {
    if (response.status >= 400) onProblem(response.status);
    return response;
  };
  return {
    inFlight: () => visits.size,
    close: () => clearInterval(sweep),
    fetch: (request) => {
      // Answer health checks even at the request limit: a failed liveness probe restarts the pod.
      if (request.method !== "POST") return fetch(request, NOTHING);
      if (visits.size >= maxInFlight && !cutSlowest(visits, refuse)) {
        return refuse(503, httpIssues["http.overloaded"]({ limit: maxInFlight }));
      }
      const visit = new Visit(request.url);
      visits.add(visit);
      return new Promise((resolve, reject) => {
        const leave = () => visits.delete(visit);
        visit.cut = (response) => {
          leave();
          resolve(response);
        };
        // `answer` is async, so a handler that throws synchronously also frees its place.
        answer(fetch, request, visit).then(
          (response) => {
            if (leave()) resolve(note(response));
          },
          (error) => {
            if (leave()) reject(error);
          },
        );
      });
    },
  };
}

type Answer = Parameters<typeof createIntake>[0];

async function answer(fetch: Answer, request: Request, visit: Visit): Promise<Response> {
  return fetch(request, visit);
}

const NOTHING = {};

type Refuse = (status: number, issue: Issue) => Response;

/** Visits are in order of arrival, so the first young one ends the search. */
function cutLate(visits: ReadonlySet<Visit>, toLimits: (url: string) => Limits, refuse: Refuse): void {
  const now = performance.now();
  for (const visit of visits) {
    const age = now - visit.since;
    if (age < YOUNGEST_MS) return;
    const { bodyMs, answerMs } = visit.limits(toLimits);
    if (visit.isReading && age > bodyMs) visit.cut(refuse(408, httpIssues["http.body-late"]({})));
    else if (age > answerMs) visit.cut(refuse(504, httpIssues["http.overrun"]({})));
  }
}

/** Frees a place at the limit: clients that send slowly must not keep out others. */
function cutSlowest(visits: ReadonlySet<Visit>, refuse: Refuse): boolean {
  const now = performance.now();
  for (const visit of visits) {
    if (now - visit.since < PROMPT_MS) return false;
    if (!visit.isReading) continue;
    visit.cut(refuse(408, httpIssues["http.body-late"]({})));
    return true;
  }
  return false;
}

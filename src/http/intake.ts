/**
 * The limits in front of an app: how many requests it handles at a time, and how long each may take, the arrival of its body
 * included. A request over the limit is refused before its body is read: an early refusal lets the API server try another replica.
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

/** What an intake is made of. */
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
  /** Stops looking for late requests. */
  readonly close: () => void;
}

/** Most requests at a time, where nothing else is said. */
export const MOST_IN_FLIGHT = 512;
const SWEEP_MS = 100;
/** No deadline is shorter (deadline.ts), so younger requests are not looked at. */
const YOUNGEST_MS = 200;
/** At the request limit: a body that arrives together with its headers takes less, even on a busy machine. */
const PROMPT_MS = 20;
/** 80 % of 30 s, the longest `timeoutSeconds` of a registration: no API server sends a longer timeout. */
const LONGEST_MS = 24_000;
/** A review ends itself at its deadline, in the protocol; only one that does not is ended here. */
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

  /** Worked out when it is first asked for: most requests are answered before that. */
  limits(toLimits: (url: string) => Limits): Limits {
    this.#limits ??= toLimits(this.#url);
    return this.#limits;
  }
}

/** To be called with Hono's environment by a handler that has read the whole body. */
export function noteBodyRead(env: unknown): void {
  if (env instanceof Visit) env.isReading = false;
}

/** Whether a request failed while its body was being read: the client went away, or was too slow. */
export function isUnread(env: unknown): boolean {
  return env instanceof Visit && env.isReading;
}

/**
 * Puts limits before an app.
 *
 * @param fetch answers; it passes its second argument on to `noteBodyRead`
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
        // In an async function, so that a handler that throws at once gives back its place like any other.
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

/** Visits are in the order of their arrival, so the first young one ends the search. */
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

/** Makes room: clients that send slowly must not keep out others. */
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

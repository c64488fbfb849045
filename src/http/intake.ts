/**
 * The door of `/mutate`: how many requests are let in, and how long each may take, its body's arrival included. What is
 * too much is refused at once, before its body is read: a refusal in time lets the API server try another replica.
 */

import { httpIssues } from "../core/issue/http.ts";
import type { Issue } from "../core/issue/issue.ts";
import { toBudget } from "./deadline.ts";
import { renderProblem } from "./problem.ts";

/** What is let in. */
export interface IntakeOptions {
  /** Most requests at a time. A review without plugins takes microseconds, so that even a hundred are many. */
  readonly maxInFlight?: number;
  /** Told of every refusal, by HTTP status. */
  readonly onProblem?: (status: number) => void;
}

/** A door with a count. */
export interface Intake {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Requests that are being read or answered. */
  readonly inFlight: () => number;
  /** Stops looking after requests that are late. */
  readonly close: () => void;
}

const MOST_IN_FLIGHT = 512;
const SWEEP_MS = 100;
/** Nobody's deadline is shorter (deadline.ts), so that younger requests need no look. */
const YOUNGEST_MS = 200;
/** In a full house: a body that comes in one go with its headers takes less, even on a busy machine. */
const PROMPT_MS = 20;
/** 80 % of 30 s, the longest `timeoutSeconds` of a registration: whoever names a longer one is no API server. */
const LONGEST_MS = 24_000;
/** A review ends itself at its deadline, in the protocol; only one that does not is ended here. */
const GRACE_MS = 500;

/** A request that was let in. */
class Visit {
  isReading = true;
  readonly since = performance.now();
  readonly #url: string;
  #budget: number | undefined;
  /** Answers the request in place of its handler. */
  cut: (response: Response) => void = () => {};

  constructor(url: string) {
    this.#url = url;
  }

  /** Milliseconds that it may take. */
  get budget(): number {
    const timeout = this.#budget === undefined ? new URL(this.#url).searchParams.get("timeout") : null;
    this.#budget ??= Math.min(LONGEST_MS, toBudget(timeout ?? undefined));
    return this.#budget;
  }
}

/** Told by the handler through Hono's environment when a body has arrived whole. */
export function noteBodyRead(env: unknown): void {
  if (env instanceof Visit) env.isReading = false;
}

/** Whether a request failed while its body was being read: the client went away, or was too slow. */
export function isUnread(env: unknown): boolean {
  return env instanceof Visit && env.isReading;
}

/**
 * Puts the door before an app.
 *
 * @param fetch answers; it is handed on what `noteBodyRead` takes
 */
export function createIntake(
  fetch: (request: Request, env: object) => Response | Promise<Response>,
  { maxInFlight = MOST_IN_FLIGHT, onProblem = () => {} }: IntakeOptions = {},
): Intake {
  const visits = new Set<Visit>();
  const refuse = (status: number, issue: Issue) => {
    onProblem(status);
    return renderProblem(status, issue, { connection: "close", "retry-after": "1" });
  };
  const sweep = setInterval(() => {
    if (visits.size > 0) cutLate(visits, refuse);
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
      // Health has to be told whatever the load.
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
        Promise.resolve(fetch(request, visit)).then(
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

const NOTHING = {};

type Refuse = (status: number, issue: Issue) => Response;

/** Visits are in the order of their arrival, and most are young. */
function cutLate(visits: ReadonlySet<Visit>, refuse: Refuse): void {
  const now = performance.now();
  for (const visit of visits) {
    const age = now - visit.since;
    if (age < YOUNGEST_MS) return;
    if (age < visit.budget) continue;
    if (visit.isReading) visit.cut(refuse(408, httpIssues["http.body-late"]({})));
    else if (age > visit.budget + GRACE_MS) visit.cut(refuse(504, httpIssues["http.overrun"]({})));
  }
}

/** Makes room: clients that are slow to send must not keep out those who are not. */
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

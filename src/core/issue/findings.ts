/**
 * Collects the issues of a review: counts all of them, and keeps the worst. A pod can have a hundred thousand faults, and
 * rendering a message for each would take longer than the rest of the review.
 */

import type { JsonPointer } from "../patch/pointer.ts";
import { admissionIssues } from "./admission.ts";
import type { IssueBuilder, Severity, Where } from "./define.ts";
import type { Issue, IssueCode } from "./issue.ts";

/** Most issues that a review returns; one more issue says how many are left out. */
export const MOST_ISSUES = 100;

const RANK: Readonly<Record<Severity, number>> = { deny: 0, error: 1, warning: 2, info: 3 };

const NONE: readonly Issue[] = [];

/** Issues of one stage or of a whole review, in the order in which they were found. */
export class Findings {
  readonly #most: number;
  #kept: Issue[] | undefined;
  #deny = 0;
  #error = 0;
  #warning = 0;
  #info = 0;
  #unchecked = 0;

  /** @param most most issues to keep of each severity; 0 only counts them */
  constructor(most: number = MOST_ISSUES) {
    this.#most = most;
  }

  /** @returns findings with one issue */
  static of(issue: Issue): Findings {
    const found = new Findings();
    found.add(issue);
    return found;
  }

  /** Number of issues, including those that are not kept. */
  get total(): number {
    return this.#deny + this.#error + this.#warning + this.#info;
  }

  /**
   * Whether there are as many refusals as a review returns. The pod's author must correct these first, so it is not worth the
   * time to look for others; see {@link leaveUnchecked}.
   */
  get isFull(): boolean {
    return this.#deny >= MOST_ISSUES;
  }

  /** Number of annotations that were not checked, because enough others refuse the pod. */
  get unchecked(): number {
    return this.#unchecked;
  }

  /** Records that annotations were not checked, because the findings are full. */
  leaveUnchecked(annotations: number): void {
    this.#unchecked += annotations;
  }

  /** @returns the number of issues of one severity, including those that are not kept */
  count(severity: Severity): number {
    switch (severity) {
      case "deny":
        return this.#deny;
      case "error":
        return this.#error;
      case "warning":
        return this.#warning;
      case "info":
        return this.#info;
    }
  }

  /** @returns whether an issue of this severity would be kept; if not, {@link addCount} is enough and faster */
  keeps(severity: Severity): boolean {
    return this.count(severity) < this.#most;
  }

  /** Adds an issue. */
  add(issue: Issue): void {
    if (this.keeps(issue.severity)) this.#keep(issue);
    this.addCount(issue.severity);
  }

  /** Adds issues in order. */
  addAll(issues: Iterable<Issue>): void {
    for (const issue of issues) this.add(issue);
  }

  /** Adds an issue of a table; its texts are rendered only if it is kept. */
  report<Facts>(
    builder: IssueBuilder<Facts, IssueCode, JsonPointer>,
    facts: Facts,
    where?: Where<JsonPointer>,
  ): void {
    if (this.keeps(builder.severity)) this.#keep(builder(facts, where));
    this.addCount(builder.severity);
  }

  /** Counts issues without keeping them. */
  addCount(severity: Severity, times = 1): void {
    switch (severity) {
      case "deny":
        this.#deny += times;
        break;
      case "error":
        this.#error += times;
        break;
      case "warning":
        this.#warning += times;
        break;
      case "info":
        this.#info += times;
    }
  }

  /** Adds all issues of other findings. */
  merge(other: Findings): void {
    this.#unchecked += other.#unchecked;
    if (other.total === 0) return;
    // The counts are added after the loop, so up to twice as many issues are kept; `list` cuts them.
    for (const issue of other.#kept ?? NONE) if (this.keeps(issue.severity)) this.#keep(issue);
    this.#deny += other.#deny;
    this.#error += other.#error;
    this.#warning += other.#warning;
    this.#info += other.#info;
  }

  /** @returns the worst issues, worst first, in the order found within a severity; if some are left out, one more says how many */
  list(): readonly Issue[] {
    const sorted = (this.#kept ?? NONE)
      .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
      .slice(0, MOST_ISSUES);
    const more = this.total - sorted.length;
    if (more + this.#unchecked === 0) return sorted;
    return [...sorted, admissionIssues["review.more-issues"]({ more, unchecked: this.#unchecked })];
  }

  #keep(issue: Issue): void {
    this.#kept ??= [];
    this.#kept.push(issue);
  }
}

/** Renders changes of documents as `diff -u` does (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). */
import { renderYaml } from "../../core/yaml.ts";
import { type Previewed, toMutatedDocuments } from "./previewed.ts";

/** A line of both texts (" "), of the old one only ("-"), or of the new one only ("+"). */
interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

const CONTEXT = 3;

/** @returns the unified diffs of all inputs, between their YAML before and after */
export function renderDiffs(previewed: readonly Previewed[]): string {
  return previewed.map(renderInputDiff).join("");
}

function renderInputDiff(previewed: Previewed): string {
  const name = previewed.name.replace(/^\/+/, "");
  return renderDiff(name, renderYaml(previewed.input.documents), renderYaml(toMutatedDocuments(previewed)));
}

/**
 * Renders the difference of two texts line by line.
 *
 * @param name file name for the two header lines
 * @returns a unified diff that `patch` and `git apply` accept; empty if the texts are equal
 */
export function renderDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = compare(toLines(before), toLines(after));
  const hunks = findHunks(lines).map(([start, end]) => renderHunk(lines, start, end));
  return `--- a/${name}\n+++ b/${name}\n${hunks.join("")}`;
}

function toLines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** The furthest line of the old text reached on each diagonal; diagonal 0 is in the middle. */
type Reached = Int32Array;

/** Follows the trace back from the end of both texts to their beginning, and collects the lines. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const trace = searchForward(before, after);
  const lines: Line[] = [];
  let x = before.length;
  let y = after.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reached = trace[d] ?? new Int32Array(1);
    const k = x - y;
    const down = isDown(reached, k, d);
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : at(reached, fromK);
    const fromY = d === 0 ? 0 : fromX - fromK;
    for (; x > fromX && y > fromY; x--, y--) lines.push({ mark: " ", text: before[x - 1] ?? "" });
    if (d === 0) break;
    if (down) lines.push({ mark: "+", text: after[--y] ?? "" });
    else lines.push({ mark: "-", text: before[--x] ?? "" });
  }
  return lines.reverse();
}

/** @returns for each number of edits: the furthest line of each diagonal before that edit */
function searchForward(before: readonly string[], after: readonly string[]): Reached[] {
  const trace: Reached[] = [];
  let reached: Reached = new Int32Array(1);
  for (let d = 0; ; d++) {
    trace.push(reached);
    const next = new Int32Array(2 * d + 3);
    next.set(reached, 1);
    for (let k = -d; k <= d; k += 2) {
      let x = d === 0 ? 0 : isDown(reached, k, d) ? at(reached, k + 1) : at(reached, k - 1) + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      next[k + d + 1] = x;
      if (x >= before.length && x - k >= after.length) return trace;
    }
    reached = next;
  }
}

function isDown(reached: Reached, k: number, d: number): boolean {
  return k === -d || (k !== d && at(reached, k - 1) < at(reached, k + 1));
}

function at(reached: Reached, k: number): number {
  return reached[k + (reached.length - 1) / 2] ?? 0;
}

/** @returns ranges of lines: changes with their context; ranges whose contexts meet are joined */
function findHunks(lines: readonly Line[]): [number, number][] {
  const hunks: [number, number][] = [];
  lines.forEach(({ mark }, i) => {
    if (mark === " ") return;
    const last = hunks.at(-1);
    const end = Math.min(lines.length, i + 1 + CONTEXT);
    if (last && i - CONTEXT <= last[1]) last[1] = end;
    else hunks.push([Math.max(0, i - CONTEXT), end]);
  });
  return hunks;
}

function renderHunk(lines: readonly Line[], start: number, end: number): string {
  const count = (part: readonly Line[], other: "+" | "-") => part.filter(({ mark }) => mark !== other).length;
  const [above, hunk] = [lines.slice(0, start), lines.slice(start, end)];
  const range = (other: "+" | "-") => {
    const length = count(hunk, other);
    // The number of an empty range is that of the line before it.
    return `${count(above, other) + (length === 0 ? 0 : 1)},${length}`;
  };
  const body = hunk.map(({ mark, text }) => `${mark}${text}\n`).join("");
  return `@@ -${range("+")} +${range("-")} @@\n${body}`;
}

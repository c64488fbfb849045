/**
 * `npm run bench`: ratios, side by side in one run, never absolute times. Exits 1 when a bar is missed.
 *
 *     npm run bench -- --part http --case '5 secrets' --against main
 *
 * `--part ready|engine|hostile|lists|http|soak` runs one part (`soak`, the memory over a million reviews, runs only so); `--case TEXT` only the
 * cases with this text; `--against REF` measures the image of another commit in the same rounds; `--profile FOLDER` writes
 * CPU profiles of the image's program; `--seconds`, `--rounds`, `--warm-up` say how long. With wrk installed (a package of
 * Debian), it makes the load, and the figures are those of a server that is busy all the time.
 */
import { parseArgs } from "node:util";
import { measureEngine } from "./engine.ts";
import { measureHostile } from "./hostile.ts";
import { measureHttp } from "./http.ts";
import { measureLists } from "./lists.ts";
import { measureReadiness } from "./ready.ts";
import { isMet, type Row, renderRow } from "./row.ts";
import { measureMemory } from "./soak.ts";

const text = (value: string) => ({ type: "string", default: value }) as const;
const { values } = parseArgs({
  options: {
    part: { type: "string" },
    case: { type: "string" },
    against: { type: "string" },
    profile: { type: "string" },
    seconds: text("1"),
    rounds: text("9"),
    // The just-in-time compiler takes some hundred thousand requests to get to its best code.
    "warm-up": text("8"),
  },
});
const isAsked = (part: string) => values.part === undefined || values.part === part;
const parts: AsyncGenerator<Row>[] = [];
if (isAsked("ready")) parts.push(measureReadiness(Number(values.rounds)));
if (isAsked("engine")) parts.push(measureEngine());
if (isAsked("hostile")) parts.push(measureHostile(values.case ?? ""));
if (isAsked("lists")) parts.push(measureLists());
if (isAsked("http"))
  parts.push(
    measureHttp({
      ...{ against: values.against, profile: values.profile, only: values.case },
      seconds: Number(values.seconds),
      rounds: Number(values.rounds),
      warmUpSeconds: Number(values["warm-up"]),
    }),
  );
if (values.part === "soak") parts.push(measureMemory());

let missed = 0;
for (const part of parts) {
  for await (const row of part) {
    process.stdout.write(`${renderRow(row)}\n`);
    if (!isMet(row)) missed++;
  }
}
if (missed > 0) process.stdout.write(`${missed} bars missed\n`);
process.exit(missed > 0 ? 1 : 0);

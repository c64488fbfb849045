/** Writes docs/transcript.md: `npm run docs:transcript`. */
import { join } from "node:path";
import { makeTranscript } from "./fixture/transcript.ts";

await Bun.write(join(import.meta.dir, "../../docs/transcript.md"), await makeTranscript());

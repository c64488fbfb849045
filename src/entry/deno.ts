/** Runs on Deno: `deno run --allow-net --allow-read --allow-env --allow-sys src/entry/deno.ts serve`. */
import { listenOnNode } from "../listen/node.ts";
import { main } from "./main.ts";

await main(listenOnNode);

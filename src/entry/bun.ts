#!/usr/bin/env bun
/** Runs on Bun. */
import { listenOnBun } from "../listen/bun.ts";
import { main } from "./main.ts";

await main(listenOnBun);

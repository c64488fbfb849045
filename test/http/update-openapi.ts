/** Writes config/openapi.json and the client's types anew: `bun test/http/update-openapi.ts`; `--print` prints the types only. */

import { writeFile } from "node:fs/promises";
import { plugin } from "bun";
import * as typescript from "typescript-5";
import { renderCurrent } from "./openapi.ts";

// openapi-typescript writes types with TypeScript's own factory, which TypeScript 7 does not have any more.
plugin({
  name: "typescript 5",
  setup: (build) => {
    build.module("typescript", () => ({ loader: "object", exports: { ...typescript, default: typescript } }));
  },
});
const { default: toTypes, astToString } = await import("openapi-typescript");

const document = await renderCurrent();
const types = `/** Types of the API, generated from config/openapi.json: bun test/http/update-openapi.ts */\n${astToString(await toTypes(JSON.parse(document)))}`;
if (process.argv.includes("--print")) process.stdout.write(types);
else {
  await writeFile(new URL("../../config/openapi.json", import.meta.url), document);
  await writeFile(new URL("./client/api.ts", import.meta.url), types);
}

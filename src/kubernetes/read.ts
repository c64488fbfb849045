/** Reads the shipped manifests from the program's folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPONENTS, type Component } from "./components.ts";
import { namedFiles, type Part, parseKustomization } from "./kustomize.ts";

const FOLDER = fileURLToPath(new URL("../../config/kubernetes", import.meta.url));

/** Reads the base and then the components, in the given order. */
export function readParts(components: readonly Component[]): Promise<readonly Part[]> {
  const folders = COMPONENTS.filter((name) => components.includes(name)).map((name) => `components/${name}`);
  return Promise.all(["base", ...folders].map((name) => readPart(join(FOLDER, name))));
}

async function readPart(folder: string): Promise<Part> {
  const kustomization = parseKustomization(await readFile(join(folder, "kustomization.yaml"), "utf8"));
  const texts = await Promise.all(
    namedFiles(kustomization).map(
      async (name) => [name, await readFile(join(folder, name), "utf8")] as const,
    ),
  );
  return { kustomization, texts: new Map(texts) };
}

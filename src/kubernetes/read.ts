/** Reads the shipped manifests from the program's folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPONENTS, type Component } from "./components.ts";
import { namedFiles, namedFolders, type Part, parseKustomization } from "./kustomize.ts";

const FOLDER = fileURLToPath(new URL("../../config/kubernetes", import.meta.url));

/**
 * Reads the base and then the components, in the order in which they depend on each other.
 *
 * @param authority whether the caller puts a CA certificate into the registration; if not, only cert-manager brings one
 */
export function readParts(
  components: readonly Component[],
  { authority = false } = {},
): Promise<readonly Part[]> {
  const folders = COMPONENTS.filter((name) => components.includes(name)).map((name) => `components/${name}`);
  const registration = authority ? ["registration"] : [];
  return Promise.all(["base", ...registration, ...folders].map((name) => readPart(join(FOLDER, name))));
}

async function readPart(folder: string): Promise<Part> {
  const kustomization = parseKustomization(await readFile(join(folder, "kustomization.yaml"), "utf8"));
  const [texts, folders] = await Promise.all([
    readEach(namedFiles(kustomization), (name) => readFile(join(folder, name), "utf8")),
    readEach(namedFolders(kustomization), (name) => readPart(join(folder, name))),
  ]);
  return { kustomization, texts, folders };
}

/** @returns what was read, by name */
async function readEach<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
}

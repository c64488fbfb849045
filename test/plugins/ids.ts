/** The ids under which a pod's files are declared, for tests of plugins that set annotations for each file. */
import type { SecretRequest } from "../../src/core/secret/request.ts";
import { createTestEngine, podWith, reviewPod, secret } from "../fixtures/engine.ts";

/** @returns the ids of all files, in the order of the requests. */
export async function fileIds(requests: readonly Partial<SecretRequest>[]): Promise<string[]> {
  const outcome = await reviewPod(await createTestEngine(), podWith(requests.map(secret)));
  return outcome.explain().requests.flatMap(({ files }) => files.map(({ id }) => id));
}

/** What the Vault agent makes of an injected pod: its templates, rendered by the agent's own engine, as files in a folder. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { render, type Secrets } from "../agent/engine.ts";

const PREFIX = "vault.hashicorp.com/";

/** Annotations and variables of a pod, as stored. */
export interface InjectedPod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly env?: readonly { readonly name: string; readonly value?: string }[];
    }[];
  };
}

/**
 * Renders every secret of a pod where its annotations say.
 *
 * @param root stands for `/` of the container
 * @returns paths inside the container, in the order of the annotations
 */
export async function renderPod(
  pod: InjectedPod,
  secrets: Secrets,
  root: string,
): Promise<readonly string[]> {
  const annotations = pod.metadata.annotations ?? {};
  const folder = annotations[`${PREFIX}secret-volume-path`] ?? "/vault/secrets";
  const ids = Object.keys(annotations)
    .filter((key) => key.startsWith(`${PREFIX}agent-inject-template-`))
    .map((key) => key.slice(`${PREFIX}agent-inject-template-`.length));
  const of = (kind: string, id: string) => annotations[`${PREFIX}agent-inject-${kind}-${id}`] ?? "";
  // One run for each: with `-once`, which the agent does not use, the engine takes equal templates for one and writes only
  // the first file.
  const texts = await Promise.all(
    ids.map(async (id) => {
      const { ok, text, stderr } = await render(of("template", id), secrets, { recorded: false });
      if (!ok || text === undefined) throw new Error(`The agent would not start: ${stderr}`);
      return text;
    }),
  );
  const paths = ids.map((id) => join(folder, of("file", id)));
  for (const [at, path] of paths.entries()) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), texts[at] ?? "");
  }
  return paths;
}

/** Variables of the task's container that say where secrets are; the folder is moved below `root`. */
export function secretVariables(pod: InjectedPod, root: string): Readonly<Record<string, string>> {
  const env = pod.spec.containers[0]?.env ?? [];
  const found = Object.fromEntries(env.map(({ name, value = "" }) => [name, value]));
  return { ...found, FLYTE_SECRETS_DEFAULT_DIR: join(root, found.FLYTE_SECRETS_DEFAULT_DIR ?? "") };
}

/** What the Vault agent makes of an injected pod: its templates, rendered by the agent's own engine, as files in a folder. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { render, type Secrets } from "../agent/engine.ts";
import type { Kubelet } from "../cluster/fixture/kubelet.ts";

const PREFIX = "vault.hashicorp.com/";

/** A variable of a container. */
interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fileKeyRef?: { readonly volumeName: string; readonly path: string; readonly key: string };
  };
}

/** Annotations and variables of a pod, as stored. */
export interface InjectedPod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly env?: readonly EnvVar[];
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

/**
 * Makes the environment of the task's container as the kubelet does: the last variable of a name wins, and those with a
 * `fileKeyRef` are read from the agent's files by the kubelet's own parser. Paths are moved below `root`.
 */
export async function startContainer(
  pod: InjectedPod,
  root: string,
  kubelet: Pick<Kubelet, "parse">,
): Promise<Readonly<Record<string, string>>> {
  const folder = pod.metadata.annotations?.[`${PREFIX}secret-volume-path`] ?? "/vault/secrets";
  const found: Record<string, string> = {};
  for (const { name, value = "", valueFrom } of pod.spec.containers[0]?.env ?? []) {
    const ref = valueFrom?.fileKeyRef;
    if (!ref) {
      found[name] = value.startsWith(folder) ? join(root, value) : value;
      continue;
    }
    const { code, stdout, stderr } = await kubelet.parse(join(root, folder, ref.path), ref.key);
    if (code !== 0 || stdout === "") throw new Error(`The container does not start: ${stderr}`);
    found[name] = stdout;
  }
  return found;
}

/** The image, built by its Dockerfile, and containers of it that run as the Deployment runs them. */

import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../cluster/fixture/certificate.ts";
import { flytePod } from "../cluster/fixture/pod.ts";
import { run, until } from "../cluster/fixture/process.ts";
import { freePort } from "../fixtures/free-port.ts";
import { makeBaseImages } from "./base.ts";
import { type ContainerTools, findTools } from "./engine.ts";

/** Where the Dockerfile is. */
export const ROOT = join(import.meta.dir, "../..");

// The limits of the machine itself may not be raised, which is what would be tried without these.
const LIMITS = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=1000:1000"];

/** Flags of a container as the Deployment's securityContext asks for it. */
export const RESTRICTED: readonly string[] = [
  ...LIMITS,
  "--read-only",
  "--read-only-tmpfs=false",
  "--cap-drop",
  "ALL",
  "--security-opt",
  "no-new-privileges",
];

/** Where a container that is yet to be started will serve. */
export interface Placed {
  /** Of `podman run`. */
  readonly flags: readonly string[];
  readonly port: number;
  readonly management: number;
}

/** A container that is ready. */
export interface Started {
  readonly name: string;
  /** Of its admission listener. */
  readonly url: string;
  readonly management: number;
}

/** The built image, and what tests do with it. */
export interface Built {
  readonly tools: ContainerTools;
  readonly image: string;
  /** Room for files to mount, readable for the container's user. */
  readonly folder: string;
  readonly build: (name: string, context: string) => Promise<string>;
  /** Writes a configuration for a container, with ports of its own. */
  readonly place: (config: string, volumes?: readonly string[]) => Promise<Placed>;
  /** Starts a container with a configuration and more volumes, and waits until it is ready. */
  readonly start: (image: string, config: string, volumes?: readonly string[]) => Promise<Started>;
  /** Sends a Flyte pod with two secrets to `/mutate`. */
  readonly review: (url: string) => Promise<{ readonly allowed: boolean; readonly patch: string }>;
  readonly remove: () => Promise<void>;
}

/** Builds the image, in a store of its own. */
export async function buildImage(): Promise<Built> {
  const tools = await findTools();
  const image = "flyte-vault-webhook:test";
  await makeBaseImages(tools);
  const build = (name: string, context: string) =>
    tools.buildah(
      ...["bud", "-q", "--isolation", "chroot", "--pull-never", "--network", "host", "-t", name, context],
    );
  await build(image, ROOT);
  const folder = await mkdtemp(join(tmpdir(), "mounts-"));
  const ca = await writeCertificate(folder);
  const started: string[] = [];
  return {
    tools,
    image,
    folder,
    build,
    place: (config, volumes = []) => place(folder, config, volumes),
    start: async (name, config, volumes = []) => {
      const container = await startContainer(tools, name, await place(folder, config, volumes), ca);
      started.push(container.name);
      return container;
    },
    review: (url) => review(url, ca),
    remove: async () => {
      for (const name of started) await tools.podman("rm", "-f", name);
      await tools.remove();
      await rm(folder, { recursive: true });
    },
  };
}

/** Readable as the Secret is: for the group of the container's user only. */
async function writeCertificate(folder: string): Promise<string> {
  const { ca, issue } = await createAuthority("image");
  const { cert, key } = await issue(["127.0.0.1"]);
  await Bun.write(join(folder, "certs/tls.crt"), cert);
  await Bun.write(join(folder, "certs/tls.key"), key);
  await chmod(join(folder, "certs/tls.key"), 0o440);
  await run(["chown", "-R", "65532:65532", folder]);
  return ca;
}

async function place(folder: string, config: string, volumes: readonly string[]): Promise<Placed> {
  const [port, management] = [await freePort(), await freePort()];
  const ports = `webhook: { listenPort: ${port} }\nserver: { management: { port: ${management} } }\n`;
  const configFolder = await mkdtemp(join(folder, "config-"));
  await writeFile(join(configFolder, "10-ports.yaml"), ports);
  await writeFile(join(configFolder, "20-test.yaml"), config);
  await chmod(configFolder, 0o755);
  const mounts = [
    `${folder}/certs:/etc/webhook/certs:ro`,
    `${configFolder}:/etc/flyte-vault-webhook/config:ro`,
    ...volumes,
  ].flatMap((volume) => ["-v", volume]);
  const flags = ["--network", "host", ...RESTRICTED, "--tmpfs", "/tmp:mode=1777", ...mounts];
  return { flags, port, management };
}

async function startContainer(
  tools: ContainerTools,
  image: string,
  { flags, port, management }: Placed,
  ca: string,
): Promise<Started> {
  const name = `webhook-${port}`;
  const { code, stderr } = await tools.podman("run", "-d", "--name", name, ...flags, image);
  if (code !== 0) throw new Error(stderr);
  const url = `https://127.0.0.1:${port}`;
  try {
    await until("the container is ready", async () => (await fetch(`${url}/readyz`, { tls: { ca } })).ok);
  } catch (error) {
    const { stdout, stderr: told } = await tools.podman("logs", name);
    await tools.podman("rm", "-f", name);
    throw new Error(`${error}\n${stdout}${told}`);
  }
  return { name, url, management };
}

async function review(url: string, ca: string) {
  const request = { uid: "1", operation: "CREATE", namespace: "default", object: flytePod("container") };
  const answer = await fetch(`${url}/mutate?timeout=10s`, {
    method: "POST",
    tls: { ca },
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }),
  });
  const { response } = await answer.json();
  return { allowed: response.allowed, patch: atob(response.patch ?? "") };
}

/**
 * Stand-ins for Bun's own images, where no registry is to be reached: the Bun that npm installed and the libraries that it
 * is linked to, under the names that the Dockerfile asks for. The one without a shell has no shell here either.
 */
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../cluster/fixture/process.ts";
import type { ContainerTools } from "./engine.ts";

const CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
const APPLETS = ["sh", "rm", "mkdir", "cp", "ls", "cat"];

/** Makes both base images. */
export async function makeBaseImages(tools: ContainerTools): Promise<void> {
  await commit(tools, "docker.io/oven/bun:1.4.5-distroless", async () => {});
  await commit(tools, "docker.io/oven/bun:1.4.5-slim", addShell);
}

async function commit(
  tools: ContainerTools,
  name: string,
  add: (root: string) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "base-"));
  try {
    await addBun(root);
    await add(root);
    const container = await tools.buildah("from", "scratch");
    await tools.buildah("copy", "-q", container, root, "/");
    // Behind a proxy that looks into TLS, downloads need the machine's own authorities.
    await tools.buildah(
      "config",
      "--env",
      "PATH=/usr/local/bin:/bin",
      "--env",
      `NODE_EXTRA_CA_CERTS=${CA_BUNDLE}`,
      container,
    );
    await tools.buildah("commit", "-q", "--rm", container, name);
  } finally {
    await rm(root, { recursive: true });
  }
}

async function addBun(root: string): Promise<void> {
  const bun = await realpath(process.execPath);
  await copyInto(root, bun, "/usr/local/bin/bun");
  const { stdout } = await run(["ldd", bun]);
  for (const library of new Set(stdout.match(/\/\S+\.so\S*/g))) await copyInto(root, library, library);
  if (existsSync(CA_BUNDLE)) await copyInto(root, CA_BUNDLE, CA_BUNDLE);
  for (const file of ["/etc/resolv.conf", "/etc/hosts"]) await copyInto(root, file, file);
  await mkdir(join(root, "tmp"));
  await chmod(join(root, "tmp"), 0o1777); // which mkdir's own mode, cut by the umask, would not give
}

async function addShell(root: string): Promise<void> {
  await copyInto(root, Bun.which("busybox") ?? "", "/bin/busybox");
  for (const applet of APPLETS) await symlink("busybox", join(root, "bin", applet));
}

async function copyInto(root: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(root, to)), { recursive: true });
  await copyFile(await realpath(from), join(root, to));
}

/** buildah and podman, with a store of images of the tests' own: nothing that is on the machine already is seen or changed. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../cluster/fixture/process.ts";

const TOOLS = ["buildah", "podman", "runc", "busybox"];
const INSTALL = "apt-get install -y --no-install-recommends buildah podman runc busybox-static";

/** What a command left behind. */
export type Finished = Awaited<ReturnType<typeof run>>;

/** Container tools that share one store. */
export interface ContainerTools {
  readonly buildah: (...args: readonly string[]) => Promise<string>;
  /** The exit code is for the caller to judge. */
  readonly podman: (...args: readonly string[]) => Promise<Finished>;
  readonly remove: () => Promise<void>;
}

/** Finds the tools; rejects with the command that installs them where one is missing. */
export async function findTools(): Promise<ContainerTools> {
  const missing = TOOLS.filter((tool) => Bun.which(tool) === null);
  if (missing.length > 0)
    throw new Error(`The image's tests need ${missing.join(", ")}, as root: ${INSTALL}`);
  if (process.getuid?.() !== 0) throw new Error("The image's tests need root: sudo npm run test:image");
  const store = await mkdtemp(join(tmpdir(), "images-"));
  const flags = ["--root", join(store, "root"), "--runroot", join(store, "run"), "--storage-driver", "vfs"];
  return {
    buildah: async (...args) => {
      const { code, stdout, stderr } = await run(["buildah", ...flags, ...args]);
      if (code !== 0) throw new Error(`buildah ${args.join(" ")}: ${stderr}${stdout}`);
      return stdout.trim();
    },
    // runc, since crun refuses machines with both kinds of cgroups; cgroupfs, since there may be no systemd.
    podman: (...args) =>
      run(["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", ...flags, ...args]),
    remove: async () => {
      await run(["rm", "-rf", store]);
    },
  };
}

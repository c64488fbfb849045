/** Folders as a plugin's author has them: empty but for the webhook and valibot, as the guide links them. */
import { afterAll } from "bun:test";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The webhook's own folder. */
export const WEBHOOK = resolve(import.meta.dir, "../..");

const folders: string[] = [];
afterAll(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

/** @returns a new folder, outside of the webhook's, removed when the tests are over. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plugin-author-"));
  folders.push(folder);
  return folder;
}

/** The same with `node_modules`. */
export async function authorFolder(): Promise<string> {
  const folder = await emptyFolder();
  await mkdir(join(folder, "node_modules"));
  await symlink(WEBHOOK, join(folder, "node_modules/flyte-vault-webhook"));
  await symlink(join(WEBHOOK, "node_modules/valibot"), join(folder, "node_modules/valibot"));
  return folder;
}

const LONGEST_MS = 45_000;

/** Runs a shell script as an author would type it; `bun` is the webhook's own. */
export async function runShell(
  script: string,
  cwd: string,
): Promise<{ readonly code: number; readonly output: string }> {
  const bin = join(WEBHOOK, "node_modules/.bin");
  const child = Bun.spawn(["sh", "-eu"], {
    cwd,
    stdin: new Blob([script]),
    stdout: "pipe",
    stderr: "pipe",
    // A script that waits for what never comes must fail with what it printed, not with the test's own timeout.
    timeout: LONGEST_MS,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, WEBHOOK, NO_COLOR: "1" },
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, output: stdout + stderr };
}

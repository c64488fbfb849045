/** Every disk reads the same. */
import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Disk, nodeDisk } from "../../src/config/disk.ts";
import { bunDisk } from "../../src/config/disk-bun.ts";

/** A mounted ConfigMap, and what else may lie beside it. */
const folder = mkdtempSync(join(tmpdir(), "disk-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "..2026"));
writeFileSync(join(folder, "..2026", "webhook.yaml"), "version: 1 # ü");
symlinkSync("..2026", join(folder, "..data"));
symlinkSync("..data/webhook.yaml", join(folder, "webhook.yaml"));
symlinkSync("nowhere", join(folder, "broken.yaml"));
writeFileSync(join(folder, "a [b]*?{c}.yaml"), "");
writeFileSync(join(folder, ".hidden"), "\xff");
mkdirSync(join(folder, "empty"));
spawnSync("mkfifo", [join(folder, "pipe")]);

/** A failure as its code, since the messages of runtimes differ. */
async function orCode<T>(work: Promise<T>): Promise<T | string> {
  return work.catch((error: unknown) =>
    error instanceof Error && "code" in error ? String(error.code) : `no code: ${error}`,
  );
}

async function readAll(disk: Disk, path: string) {
  const facts = await orCode(disk.stat(path));
  if (typeof facts === "string") return { facts, bytes: await orCode(disk.readFile(path)) };
  const [isFile, isDirectory, size] = [facts.isFile(), facts.isDirectory(), facts.size];
  return {
    facts: { isFile, isDirectory, size },
    ...(isFile && { bytes: Buffer.from(await disk.readFile(path)).toString("hex") }),
    ...(isDirectory && { names: [...(await disk.readdir(path))].filter((name) => name !== "pipe").sort() }),
  };
}

describe("bunDisk", () => {
  test.each(["", "webhook.yaml", "..data", "broken.yaml", "a [b]*?{c}.yaml", ".hidden", "empty", "pipe"])(
    "reads %p as nodeDisk does",
    async (name) => {
      const read = await readAll(bunDisk, join(folder, name));
      expect(read).toEqual(await readAll(nodeDisk, join(folder, name)));
      expect(JSON.stringify(read)).not.toContain("no code");
    },
  );

  test.each(["nothing", "webhook.yaml"])("fails to list %p as nodeDisk does", async (name) => {
    const path = join(folder, name);
    expect(await orCode(bunDisk.readdir(path))).toBe(await orCode(nodeDisk.readdir(path)));
  });

  test("names the error and its path, without the code twice", async () => {
    const path = join(folder, "nothing");
    for (const disk of [bunDisk, nodeDisk])
      expect(disk.stat(path)).rejects.toThrow(/^ENOENT: no such file or directory, stat '.*nothing'$/);
  });
});

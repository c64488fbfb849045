/** Changes of files, as editors and as Kubernetes make them. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WatchOptions, watchFiles } from "../../src/host/watch.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "watch-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A watch, and how often it told. */
async function startWatch(paths: readonly string[], options?: WatchOptions) {
  const told = { count: 0 };
  const watch = watchFiles(paths, () => told.count++, options);
  cleanups.push(() => watch.close());
  await sleep(50);
  return { told, watch };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error("it did not come to pass within 5 s");
  }
}

/** Writes a mounted Secret's next generation, as the kubelet does. */
function mountGeneration(folder: string, generation: number, content: string): void {
  const data = join(folder, `..gen${generation}`);
  mkdirSync(data);
  writeFileSync(join(data, "tls.crt"), content);
  symlinkSync(`..gen${generation}`, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  if (generation > 1) rmSync(join(folder, `..gen${generation - 1}`), { recursive: true });
}

describe("watchFiles", () => {
  test("tells every swap of a mounted Secret, not only the first", async () => {
    const folder = createFolder();
    mountGeneration(folder, 1, "one");
    symlinkSync("..data/tls.crt", join(folder, "tls.crt"));
    const { told } = await startWatch([join(folder, "tls.crt")]);
    for (const generation of [2, 3, 4]) {
      mountGeneration(folder, generation, "same length");
      await until(() => told.count === generation - 1);
    }
  });

  test("tells a file that is written in place, once for several writes", async () => {
    const folder = createFolder();
    const file = join(folder, "webhook.yaml");
    writeFileSync(file, "a");
    const { told } = await startWatch([file]);
    for (const text of ["b", "cc", "ddd"]) writeFileSync(file, text);
    await until(() => told.count > 0);
    await sleep(250);
    expect(told.count).toBe(1);
  });

  test("does not tell about neighbours", async () => {
    const folder = createFolder();
    const { told } = await startWatch([join(folder, "webhook.yaml")]);
    writeFileSync(join(folder, "other.yaml"), "a");
    await sleep(250);
    expect(told.count).toBe(0);
  });

  test("tells what appears in a watched folder, and what goes", async () => {
    const folder = createFolder();
    const { told } = await startWatch([folder]);
    writeFileSync(join(folder, "a.yaml"), "a");
    await until(() => told.count === 1);
    rmSync(join(folder, "a.yaml"));
    await until(() => told.count === 2);
  });

  test("finds by polling what no event tells: a folder that was not there", async () => {
    const folder = createFolder();
    const file = join(folder, "later", "webhook.yaml");
    const { told } = await startWatch([file], { pollMs: 50 });
    mkdirSync(join(folder, "later"));
    writeFileSync(file, "a");
    await until(() => told.count === 1);
    writeFileSync(file, "bb");
    await until(() => told.count === 2);
  });

  test("tells a file that was changed after it was read and before the watch, but none that was not", async () => {
    const folder = createFolder();
    const file = join(folder, "webhook.yaml");
    writeFileSync(file, "a");
    const { told: changed } = await startWatch([folder], { since: statSync(file).ctimeMs - 1 });
    await until(() => changed.count === 1);
    const { told } = await startWatch([folder], { since: statSync(file).ctimeMs });
    await sleep(250);
    expect(told.count).toBe(0);
  });

  test("tells nothing after it was closed", async () => {
    const folder = createFolder();
    const file = join(folder, "webhook.yaml");
    writeFileSync(file, "a");
    const { told, watch } = await startWatch([file], { pollMs: 50 });
    writeFileSync(file, "bb");
    watch.close();
    await sleep(250);
    expect(told.count).toBe(0);
  });
});

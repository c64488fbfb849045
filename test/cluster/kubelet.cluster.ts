/**
 * What the kubelet makes of a variable's file: its own parser (k8s.io/kubernetes, `pkg/kubelet/util/env`) over what the agent's
 * own engine rendered. The same value, or no file at all; never another value.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderVariableTemplate } from "../../src/core/vault/variable.ts";
import { render } from "../agent/engine.ts";
import { LONG_VALUES, REFUSED_VALUES, SERVED_VALUES } from "../agent/variable-values.ts";

const KUBERNETES = "k8s.io/kubernetes@v1.37.2";
const MAIN = `package main

import (
	"os"

	"kubelet/env"
)

func main() {
	value, err := env.ParseEnv(os.Args[1], "VALUE")
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Stdout.WriteString(value)
}
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubelet-"));
  const downloaded = await run(["go", "mod", "download", "-json", KUBERNETES], tmpdir());
  const { Dir: kubernetes } = JSON.parse(downloaded.stdout);
  await mkdir(join(folder, "env"));
  await copyFile(join(kubernetes, "pkg/kubelet/util/env/env_util.go"), join(folder, "env/env_util.go"));
  await writeFile(join(folder, "go.mod"), "module kubelet\n\ngo 1.24\n");
  await writeFile(join(folder, "main.go"), MAIN);
  const built = await run(["go", "build", "-buildvcs=false", "-o", "parse", "."], folder);
  expect(built).toEqual({ code: 0, stdout: "", stderr: "" });
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(command: string[], cwd: string) {
  const child = Bun.spawn(command, {
    cwd,
    env: { ...process.env, GOFLAGS: "" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    // Not as text, which loses a byte order mark.
    new Response(child.stdout).bytes().then((bytes) => Buffer.from(bytes).toString("utf8")),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

async function write(value: unknown): Promise<string | undefined> {
  const path = "secret/data/app";
  const template = renderVariableTemplate("kv2", path, "api-key");
  const { text } = await render(template, { [path]: { "api-key": value } }, { recorded: false });
  return text;
}

describe("the kubelet's parser", () => {
  test.each([...SERVED_VALUES, ...LONG_VALUES])("reads %s as the same value", async (_, value, text) => {
    const file = join(folder, "file");
    await writeFile(file, (await write(value)) ?? "");
    const { code, stdout, stderr } = await run(["./parse", file], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout === text).toBe(true);
  });

  test.each(REFUSED_VALUES)("never sees %s: the agent fails before", async (_, value) => {
    expect(await write(value)).toBeUndefined();
  });
});

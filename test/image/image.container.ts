/** The image: what is in it, and how it runs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../cluster/fixture/process.ts";
import { type Built, buildImage, RESTRICTED, ROOT } from "./built.ts";

let built: Built;
beforeAll(async () => {
  built = await buildImage();
}, 600_000);
afterAll(() => built?.remove());

/** What an expression gives inside the container. */
async function evaluate(expression: string): Promise<string> {
  const print = `process.stdout.write(${expression})`;
  const bun = ["--network", "host", ...RESTRICTED, "--entrypoint", "/usr/local/bin/bun", built.image];
  const { code, stdout, stderr } = await built.tools.podman("run", "--rm", ...bun, "-e", print);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

describe("what is in the image", () => {
  const inspect = async () =>
    JSON.parse((await built.tools.podman("image", "inspect", built.image)).stdout)[0];

  test("a numeric user that is not root, labels, and the command", async () => {
    const { Config } = await inspect();
    expect(Config.User).toBe("65532:65532");
    expect(Config.Entrypoint).toEqual([
      "/usr/local/bin/bun",
      "--no-install",
      "/app/dist/flyte-vault-webhook.js",
    ]);
    expect(Config.Cmd).toEqual(["serve", "--config", "/etc/flyte-vault-webhook/config"]);
    const { version } = await Bun.file(join(ROOT, "package.json")).json();
    expect(Config.Labels).toMatchObject({
      "org.opencontainers.image.title": "flyte-vault-webhook",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "Apache-2.0",
    });
  });

  test("a bill of materials with every package that runs, and none that does not", async () => {
    const bill = JSON.parse(
      await evaluate("await Bun.file('/usr/share/sbom/flyte-vault-webhook.cdx.json').text()"),
    );
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
    const versions = new Map(
      bill.components.map(({ name, version }: { name: string; version: string }) => [name, version]),
    );
    const { dependencies, devDependencies } = await Bun.file(join(ROOT, "package.json")).json();
    for (const [name, version] of Object.entries(dependencies)) expect(versions.get(name)).toBe(version);
    for (const name of Object.keys(devDependencies).filter((one) => one !== "bun"))
      expect([name, versions.has(name)]).toEqual([name, false]);
    expect(versions.get("bun")).toBe(devDependencies.bun);
    expect(JSON.stringify(bill)).not.toContain("undefined");
  });

  test("no shell, and no tests", async () => {
    const shell = await built.tools.podman(
      "run",
      "--rm",
      ...RESTRICTED,
      "--entrypoint",
      "/bin/sh",
      built.image,
      "-c",
      "true",
    );
    expect(shell.code).toBe(127);
    const names = (await evaluate("require('fs').readdirSync('/app').join()")).split(",");
    expect(names).toContain("src");
    expect(names.filter((name) => ["test", "docs", ".git", ".ci"].includes(name))).toEqual([]);
  });
});

describe("the container, read-only, without capabilities, as user 65532", () => {
  test("/mutate answers over TLS, and SIGTERM ends it in order", async () => {
    const { name, url, management } = await built.start(
      built.image,
      "webhook: { vaultSecretManager: { role: from-the-container } }\n",
    );
    const { allowed, patch } = await built.review(url);
    expect(allowed).toBe(true);
    expect(patch).toContain("from-the-container");
    expect(patch).toContain("agent-inject-file-");
    const page = await fetch(`http://127.0.0.1:${management}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="page">')]);
    const asked = Date.now();
    expect((await built.tools.podman("stop", "-t", "30", name)).code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(25_000); // PID 1 heard it: no SIGKILL
    const [{ State }] = JSON.parse((await built.tools.podman("inspect", name)).stdout);
    expect(State.ExitCode).toBe(0);
  });

  test("prints the manifests of an installation, so that installing takes no checkout", async () => {
    const flags = ["manifests", "--config", "/app/config/webhook.yaml", "--with", "preview"];
    const printed = await built.tools.podman(
      "run",
      "--rm",
      "--network",
      "host",
      ...RESTRICTED,
      built.image,
      ...flags,
    );
    expect(printed.code, printed.stderr).toBe(0);
    const source = [
      process.execPath,
      join(ROOT, "src/entry/bun.ts"),
      ...flags.slice(0, 2),
      join(ROOT, "config/webhook.yaml"),
      ...flags.slice(3),
    ];
    const fromSource = await run(source);
    expect(printed.stdout).toBe(fromSource.stdout);
    expect(printed.stdout).toContain("kind: MutatingWebhookConfiguration");
  });

  test("inside a pod, without a certificate: it refuses to start and says why", async () => {
    const config = `${await mkdtemp(join(built.folder, "empty-"))}`;
    await writeFile(join(config, "webhook.yaml"), "version: 1\n");
    await chmod(config, 0o755);
    const { code, stdout } = await built.tools.podman(
      "run",
      "--rm",
      "--network",
      "host",
      ...RESTRICTED,
      "-e",
      "KUBERNETES_SERVICE_HOST=10.0.0.1",
      "-v",
      `${config}:/etc/flyte-vault-webhook/config:ro`,
      built.image,
    );
    expect(code).toBe(2);
    expect(stdout).toContain("/etc/webhook/certs");
  });
});

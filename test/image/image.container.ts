/** The image, built by its Dockerfile and run as the Deployment runs it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../cluster/fixture/certificate.ts";
import { flytePod } from "../cluster/fixture/pod.ts";
import { freePort, until } from "../cluster/fixture/process.ts";
import { makeBaseImages } from "./base.ts";
import { type ContainerTools, findTools } from "./engine.ts";

const ROOT = join(import.meta.dir, "../..");
const IMAGE = "flyte-vault-webhook:test";

let tools: ContainerTools;
let folder: string;
let ca: string;

beforeAll(async () => {
  tools = await findTools();
  folder = await mkdtemp(join(tmpdir(), "mounts-"));
  await makeBaseImages(tools);
  await build(IMAGE, ROOT);
  const authority = await createAuthority("image");
  ca = authority.ca;
  const { cert, key } = await authority.issue(["127.0.0.1"]);
  await Bun.write(join(folder, "certs/tls.crt"), cert);
  await Bun.write(join(folder, "certs/tls.key"), key);
  // As the Secret is mounted: for the group of the container's user only.
  await chmod(join(folder, "certs/tls.key"), 0o440);
  await Bun.spawn(["chown", "-R", "65532:65532", folder]).exited;
}, 600_000);

afterAll(async () => {
  await tools?.remove();
  if (folder) await rm(folder, { recursive: true });
});

const started: string[] = [];
afterAll(async () => {
  for (const name of started) await tools.podman("rm", "-f", name);
});

function build(name: string, context: string): Promise<string> {
  return tools.buildah(
    "bud",
    "-q",
    "--isolation",
    "chroot",
    "--pull-never",
    "--network",
    "host",
    "-t",
    name,
    context,
  );
}

// The limits of the machine itself may not be raised, which is what would be tried without these.
const LIMITS = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=1000:1000"];
/** Flags of a container as the Deployment's securityContext asks for it. */
const RESTRICTED = [
  ...LIMITS,
  "--read-only",
  "--read-only-tmpfs=false",
  "--cap-drop",
  "ALL",
  "--security-opt",
  "no-new-privileges",
];

async function start(image: string, config: string, mounts: readonly string[] = []) {
  const port = await freePort();
  const place = `webhook: { listenPort: ${port} }\nserver: { management: { port: ${await freePort()} } }\n`;
  const configFolder = await mkdtemp(join(folder, "config-"));
  await writeFile(join(configFolder, "10-place.yaml"), place);
  await writeFile(join(configFolder, "20-test.yaml"), config);
  await chmod(configFolder, 0o755);
  const name = `webhook-${port}`;
  started.push(name);
  const volumes = [
    `${folder}/certs:/etc/webhook/certs:ro`,
    `${configFolder}:/etc/flyte-vault-webhook/config:ro`,
    ...mounts,
  ].flatMap((volume) => ["-v", volume]);
  const { code, stderr } = await tools.podman(
    ...[
      "run",
      "-d",
      "--name",
      name,
      "--network",
      "host",
      ...RESTRICTED,
      "--tmpfs",
      "/tmp",
      ...volumes,
      image,
    ],
  );
  if (code !== 0) throw new Error(stderr);
  const url = `https://127.0.0.1:${port}`;
  try {
    await until("the container is ready", async () => (await fetch(`${url}/readyz`, { tls: { ca } })).ok);
  } catch (error) {
    throw new Error(`${error}\n${(await tools.podman("logs", name)).stdout}`);
  }
  return { name, url };
}

async function review(url: string) {
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

/** What an expression gives inside the container. */
async function evaluate(expression: string): Promise<string> {
  const print = `process.stdout.write(${expression})`;
  const bun = ["--network", "host", ...RESTRICTED, "--entrypoint", "/usr/local/bin/bun", IMAGE];
  const { code, stdout, stderr } = await tools.podman("run", "--rm", ...bun, "-e", print);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

describe("what is in the image", () => {
  const inspect = async () => JSON.parse((await tools.podman("image", "inspect", IMAGE)).stdout)[0];

  test("a numeric user that is not root, labels, and the command", async () => {
    const { Config } = await inspect();
    expect(Config.User).toBe("65532:65532");
    expect(Config.Entrypoint).toEqual(["/usr/local/bin/bun", "--no-install", "/app/src/entry/bun.ts"]);
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
    const shell = await tools.podman(
      "run",
      "--rm",
      ...RESTRICTED,
      "--entrypoint",
      "/bin/sh",
      IMAGE,
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
    const { name, url } = await start(
      IMAGE,
      "webhook: { vaultSecretManager: { role: from-the-container } }\n",
    );
    const { allowed, patch } = await review(url);
    expect(allowed).toBe(true);
    expect(patch).toContain("from-the-container");
    expect(patch).toContain("agent-inject-file-");
    const asked = Date.now();
    expect((await tools.podman("stop", "-t", "30", name)).code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(25_000); // PID 1 heard it: no SIGKILL
    const [{ State }] = JSON.parse((await tools.podman("inspect", name)).stdout);
    expect(State.ExitCode).toBe(0);
  });

  test("inside a pod, without a certificate: it refuses to start and says why", async () => {
    const config = `${await mkdtemp(join(folder, "empty-"))}`;
    await writeFile(join(config, "webhook.yaml"), "version: 1\n");
    await chmod(config, 0o755);
    const { code, stdout } = await tools.podman(
      "run",
      "--rm",
      "--network",
      "host",
      ...RESTRICTED,
      "-e",
      "KUBERNETES_SERVICE_HOST=10.0.0.1",
      "-v",
      `${config}:/etc/flyte-vault-webhook/config:ro`,
      IMAGE,
    );
    expect(code).toBe(2);
    expect(stdout).toContain("/etc/webhook/certs");
  });
});

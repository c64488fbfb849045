/** docs/install.md and docs/operate-cluster.md, followed literally: each section's commands, against an API server of its own. */
import { afterEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { type Cluster, startCluster } from "./fixture/api-server.ts";
import { run } from "./fixture/process.ts";
import { installStubs } from "./fixture/stubs.ts";

const ROOT = join(import.meta.dir, "../..");
/** As kustomize wants it: relative, from an operator's folder. */
const REPOSITORY = relative(join(tmpdir(), "cluster-x/operator"), ROOT);

/** Run elsewhere, and where. */
const ELSEWHERE = [
  [/^buildah bud /, "npm run test:image builds the Dockerfile"],
  [/^kubectl .* rollout status /, "there is no kubelet here"],
  [/pod-of-a-flyte-task/, "docs/transcript.md is made with it"],
] as const;

/** A block of a guide. */
interface Block {
  readonly language: string;
  /** Name of the file that it is. */
  readonly file: string;
  readonly text: string;
}

/** Blocks by section, placeholders filled in. */
async function readSections(guide: string): Promise<ReadonlyMap<string, readonly Block[]>> {
  const text = (await Bun.file(join(ROOT, "docs", guide)).text())
    .replaceAll("<your registry>", "registry.example.com")
    .replaceAll("<this repository>", REPOSITORY);
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => [
      section.slice(0, section.indexOf("\n")),
      [...section.matchAll(BLOCK)].map(toBlock),
    ]),
  );
}

const BLOCK = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;
const toBlock = ([, language = "", file = "", text = ""]: RegExpMatchArray): Block => ({
  language,
  file,
  text,
});

/** Commands of a shell block that are run here; a line that ends in a backslash goes on in the next. */
function toCommands({ text }: Block): string[] {
  const commands = text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "");
  return commands.filter((command) => !ELSEWHERE.some(([pattern]) => pattern.test(command)));
}

let cluster: Cluster | undefined;
afterEach(() => cluster?.stop());

/** An operator's folder, and a shell in it. */
async function enter(): Promise<(command: string) => Promise<string>> {
  const started = await startCluster();
  cluster = started;
  await installStubs(started);
  const [folder, bin] = [join(started.folder, "operator"), join(started.folder, "bin")];
  for (const path of [folder, bin]) await mkdir(path);
  const { kubectl, helm } = started.assets;
  const program = `'${process.execPath}' '${join(ROOT, "src/entry/bun.ts")}'`;
  for (const [name, command] of Object.entries({ kubectl, helm, "flyte-vault-webhook": program })) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  await writeFile(join(folder, "webhook.yaml"), await Bun.file(join(ROOT, "config/webhook.yaml")).text());
  const env = {
    ...{ PATH: `${bin}:${process.env.PATH}`, KUBECONFIG: started.kubeconfig, HOME: started.folder },
  };
  return async (command) => {
    const script = `cd '${folder}'\nset -o pipefail\n${command}\n`;
    const { code, stdout, stderr } = await run(["bash", "-c", script], { env });
    expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({ command, code: 0, stderr: "" });
    return stdout;
  };
}

const install = await readSections("install.md");
const operate = await readSections("operate-cluster.md");
const runnable = [...install].filter(([, blocks]) =>
  blocks.some((block) => block.language === "sh" && toCommands(block).length > 0),
);

describe("install.md", () => {
  test("has the sections that are run here", () => {
    expect(runnable.map(([name]) => name)).toEqual([
      "With one command",
      "With kustomize",
      "With Helm",
      "Without cert-manager",
    ]);
  });

  test.each(runnable)("%s", async (_, blocks) => {
    const shell = await enter();
    for (const block of blocks) {
      if (block.file !== "") await shell(`cat > ${block.file} <<'END'\n${block.text}END`);
      if (block.language === "sh") for (const command of toCommands(block)) await shell(command);
    }
    // What an installation is for, in each of these ways.
    const image = "jsonpath={.spec.template.spec.containers[0].image}";
    expect(await shell(`kubectl -n flyte-vault-webhook get deployment flyte-vault-webhook -o ${image}`)).toBe(
      "registry.example.com/flyte-vault-webhook:0.1.0",
    );
    const config = await shell("kubectl -n flyte-vault-webhook get configmap flyte-vault-webhook -o yaml");
    expect(config).toContain("Flyte's own section, as in Flyte's ConfigMap");
    await shell("kubectl get mutatingwebhookconfiguration 00-flyte-vault-webhook");
  });
});

describe("operate-cluster.md", () => {
  test("the glass is broken, and mended by applying again", async () => {
    const shell = await enter();
    const apply = "flyte-vault-webhook manifests --config webhook.yaml | kubectl apply -f -";
    await shell(apply);
    const commands = operate.get("Break the glass")?.flatMap(toCommands) ?? [];
    expect(commands).toHaveLength(2);
    for (const command of commands) await shell(command);
    const left = () =>
      shell("kubectl get mutatingwebhookconfiguration,validatingadmissionpolicybinding -o name");
    expect(await left()).toBe("");
    await shell(apply);
    expect((await left()).trim().split("\n")).toHaveLength(3);
  });

  test("a guard without the policy on requests", async () => {
    const shell = await enter();
    const [patch] = [
      ...(await Bun.file(join(ROOT, "docs/operate-cluster.md")).text()).matchAll(
        /^ {2}```yaml\n([\s\S]*?)^ {2}```$/gm,
      ),
    ];
    const base = `resources: [${REPOSITORY}/config/kubernetes/overlays/cert-manager]`;
    await shell(`cat > kustomization.yaml <<'END'\n${base}\n${patch?.[1]?.replace(/^ {2}/gm, "")}END`);
    const built = await shell("kubectl kustomize .");
    expect(built).toContain("name: flyte-vault-webhook-injected");
    expect(built).not.toMatch(
      /kind: ValidatingAdmissionPolicyBinding\nmetadata:[\s\S]{0,200}name: flyte-vault-webhook-requested/,
    );
  });
});

/** A real Vault in development mode, whose Kubernetes auth method asks a real API server, and real agents against it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, mustRequest } from "../cluster/fixture/api-server.ts";
import { type Running, startProcess, until } from "../cluster/fixture/process.ts";
import { freePort } from "../fixtures/free-port.ts";

/** A running Vault. */
export interface Vault {
  readonly address: string;
  /** A request with the root token. */
  readonly request: (method: string, path: string, body?: object) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** What an agent is configured with, as the injector writes it. */
export interface AgentOptions {
  readonly address: string;
  readonly role?: string;
  readonly mount?: string;
  /** The pod's token, or the path of a file that is not there. */
  readonly token: { readonly text: string } | { readonly file: string };
  readonly templates: readonly string[];
  /** More of the `vault` section, such as `ca_cert`. */
  readonly vault?: object;
  readonly errorOnMissingKey?: boolean;
  /** How long it may run; an agent that retries does not end by itself. */
  readonly milliseconds?: number;
}

const TOKEN = "root";
let built: Promise<string> | undefined;

/** Builds Vault where that was never done (some 20 minutes). */
export function findVault(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const script = join(import.meta.dir, "build.sh");
  const child = Bun.spawn([script], { stdout: "pipe", stderr: "inherit" });
  const path = (await new Response(child.stdout).text()).trim();
  if ((await child.exited) !== 0) throw new Error(`Cannot build Vault: run ${script}`);
  return path;
}

/** Starts Vault, with secrets and with roles that some of the tests' logins do not fit. */
export async function startVault(cluster: Cluster): Promise<Vault> {
  const binary = await findVault();
  const folder = await mkdtemp(join(cluster.folder, "vault-"));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const listen = ["-dev", "-dev-no-store-token", `-dev-root-token-id=${TOKEN}`];
  const server: Running = startProcess({
    command: [binary, "server", ...listen, `-dev-listen-address=127.0.0.1:${port}`],
    logFile: join(folder, "log"),
    env: { HOME: folder, VAULT_ADDR: address },
  });
  const request: Vault["request"] = async (method, path, body) => {
    const response = await fetch(`${address}/v1/${path}`, {
      method,
      headers: { "x-vault-token": TOKEN },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const vault = { address, request, stop: async () => void (await server.stop("SIGKILL")) };
  try {
    await until(
      "Vault ready",
      async () => {
        if (!server.alive()) throw new Error("it has ended");
        return (await fetch(`${address}/v1/sys/health`)).ok;
      },
      60_000,
    );
    await configure(vault, cluster);
  } catch (error) {
    await vault.stop();
    throw new Error(`Vault did not start: ${error}\n${(await server.log()).slice(-2_000)}`);
  }
  return vault;
}

/** @returns a token of a service account for an audience, as the kubelet mounts it. */
export async function createToken(cluster: Cluster, namespace: string, name: string, audience?: string) {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const spec = { expirationSeconds: 3_600, ...(audience !== undefined && { audiences: [audience] }) };
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
  const { status } = await mustRequest(cluster, "POST", path, body);
  return String(status.token);
}

async function configure({ request }: Vault, cluster: Cluster): Promise<void> {
  const config = JSON.parse(await readFile(cluster.kubeconfig, "utf8"));
  const { server, "certificate-authority-data": ca } = config.clusters[0].cluster;
  await cluster.mustKubectl([
    "create",
    "clusterrolebinding",
    "reviewer",
    "--clusterrole=cluster-admin",
    "--serviceaccount=default:default",
  ]);
  await request("POST", "sys/auth/kubernetes", { type: "kubernetes" });
  await request("POST", "auth/kubernetes/config", {
    kubernetes_host: server,
    kubernetes_ca_cert: Buffer.from(ca, "base64").toString("utf8"),
    token_reviewer_jwt: await createToken(cluster, "default", "default"),
    disable_local_ca_jwt: true,
  });
  await request("POST", "sys/mounts/kv1", { type: "kv", options: { version: "1" } });
  await request("POST", "secret/data/team", { data: { api_key: "v", "api-key": "v", quoted: "it's" } });
  await request("POST", "kv1/team", { api_key: "v" });
  await request("POST", "sys/policies/acl/team", {
    policy:
      'path "secret/data/team" { capabilities = ["read"] } path "secret/data/absent" { capabilities = ["read"] } path "kv1/*" { capabilities = ["read"] }',
  });
  const role = {
    bound_service_account_names: "default",
    bound_service_account_namespaces: "team-a",
    token_policies: "team",
  };
  const write = (name: string, more: object) =>
    request("POST", `auth/kubernetes/role/${name}`, { ...role, ...more });
  await write("flyte", {});
  await write("other-account", { bound_service_account_names: "trainer" });
  await write("other-namespace", { bound_service_account_namespaces: "team-b" });
  await write("other-audience", { audience: "https://vault.example.com" });
}

/** Runs an agent as the injector's init container does, until it ends or its time is over; its log. */
export async function runAgent(cluster: Cluster, options: AgentOptions): Promise<string> {
  const binary = await findVault();
  const folder = await mkdtemp(join(cluster.folder, "agent-"));
  const tokenFile = "text" in options.token ? join(folder, "serviceaccount", "token") : options.token.file;
  if ("text" in options.token) {
    await mkdir(join(folder, "serviceaccount"));
    await writeFile(tokenFile, options.token.text);
  }
  await writeFile(join(folder, "config.json"), JSON.stringify(toAgentConfig(options, folder, tokenFile)));
  const agent = startProcess({
    command: [binary, "agent", `-config=${join(folder, "config.json")}`],
    logFile: join(folder, "log"),
    env: { HOME: folder, VAULT_CLIENT_TIMEOUT: "2s" },
  });
  const end = Date.now() + (options.milliseconds ?? 5_000);
  while (agent.alive() && Date.now() < end) await Bun.sleep(50);
  if (agent.alive()) await agent.stop("SIGKILL");
  const log = (await agent.log()).replaceAll(folder, "/var/run/secrets/kubernetes.io");
  await rm(folder, { recursive: true });
  return log;
}

function toAgentConfig(
  {
    address,
    role = "flyte",
    mount = "auth/kubernetes",
    templates,
    vault = {},
    errorOnMissingKey,
  }: AgentOptions,
  folder: string,
  tokenFile: string,
): object {
  return {
    auto_auth: {
      method: {
        type: "kubernetes",
        mount_path: mount,
        config: { role, token_path: tokenFile },
        ...{ max_backoff: "5m", min_backoff: "1s" },
      },
      sink: [{ type: "file", config: { path: join(folder, ".vault-token") } }],
    },
    exit_after_auth: true,
    pid_file: join(folder, ".pid"),
    vault: { address, ...vault },
    template: templates.map((contents, at) => ({
      destination: join(folder, "secrets", `${at}`),
      contents,
      create_dest_dirs: true,
      ...(errorOnMissingKey && { error_on_missing_key: true }),
    })),
    template_config: { exit_on_retry_failure: true },
  };
}

/** What commands need from other adapters; `src/server/deps.ts` provides it. */
import type { Engine } from "../core/engine.ts";
import type { Result } from "../core/result.ts";
import type { Settings } from "../core/settings.ts";
import type { ClusterFacts } from "../diagnose/doctor-facts.ts";
import type { ServerFault } from "../diagnose/evidence.ts";
import type { RegisteredWebhook } from "../diagnose/registration.ts";
import type { PluginDescription } from "../host/authoring/describe.ts";
import type { FlyteService, Pilot } from "../migrate/pilot.ts";
import type { MadeCertificates } from "../tls/create.ts";
import type { CliIo } from "./io.ts";

/** An engine for a command, with its settings and files. */
export interface CommandEngine {
  readonly engine: Engine;
  readonly settings: Settings;
  /** Every configuration file that was read, in the order of merging. */
  readonly files: readonly string[];
}

/** Which listeners `serve` opens. */
export type ServeRole = "all" | "admission" | "management";

/** What the `plugins` commands need. */
interface PluginDeps {
  /** Lists the bundled plugins. */
  readonly list: () => Promise<readonly PluginDescription[]>;
  /** @param use a bundled name or a file, relative to `cwd` */
  readonly describe: (use: string, cwd: string) => Promise<Result<PluginDescription>>;
  /** Runs the tests of a folder, relative to `cwd`. */
  readonly test: (
    folder: string,
    cwd: string,
  ) => Promise<Result<{ readonly passed: boolean; readonly output: string }>>;
}

/** What `certs` needs. */
interface CertificateDeps {
  /**
   * @param order the server's names, days of validity, and optionally an existing CA
   * @returns PEM texts, or every error of the order
   */
  readonly create: (order: {
    readonly names: readonly string[];
    readonly days: number;
    readonly issuer?: MadeCertificates["ca"];
  }) => Promise<Result<MadeCertificates>>;
  /** Renders a Secret of type `kubernetes.io/tls` as YAML, without the CA's key. */
  readonly renderSecret: (made: MadeCertificates, name: string, namespace: string) => Promise<string>;
}

/** What `manifests` should render. */
export interface ManifestsOptions {
  readonly configPaths: readonly string[];
  readonly env: CliIo["env"];
  readonly namespace: string;
  readonly image: string;
  /** PEM of the CA that the API server should trust; absent if cert-manager writes it. */
  readonly caBundle: string | undefined;
  /** Names of shipped components, already checked. */
  readonly components: readonly string[];
  /** Which pods this webhook serves while Flyte's serves all others; absent if this one serves all. */
  readonly pilot?: {
    readonly pilot: Pilot;
    readonly flyte: FlyteService;
    /** Whether the list has become shorter. */
    readonly isNarrower: boolean;
  };
}

/** What the `manifests` command needs. */
interface ManifestsDeps {
  /** Names of the shipped components. */
  readonly components: readonly string[];
  /** Renders the manifests of an installation for a configuration, whose plugins are not loaded. */
  readonly render: (options: ManifestsOptions) => Promise<Result<string>>;
}

/** A running kubectl; see `src/cluster/kubectl.ts`. */
interface ClusterRun {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly ended: Promise<Result<void>>;
  readonly stop: () => void;
}

/** Access to a cluster, read-only. */
export interface ClusterDeps {
  /** Starts the user's kubectl. */
  readonly start: (args: readonly string[], io: Pick<CliIo, "env" | "cwd">) => Promise<ClusterRun>;
  /** @returns the facts that `doctor` checks; a failure if there is no kubectl or no cluster */
  readonly collect: (
    what: {
      readonly args: readonly string[];
      readonly namespace: string;
      readonly samples: { readonly file: object; readonly variable: object };
      readonly isBeforeSwitch: boolean;
    },
    io: Pick<CliIo, "env" | "cwd">,
  ) => Promise<Result<ClusterFacts>>;
  /** @returns why the API server cannot call a webhook's server now; absent if it can, or if that cannot be checked */
  readonly findServerFault: (
    webhook: RegisteredWebhook,
    args: readonly string[],
    io: Pick<CliIo, "env" | "cwd">,
  ) => Promise<ServerFault | undefined>;
  /** @returns kubectl's complete output, or why it failed */
  readonly read: (
    args: readonly string[],
    io: Pick<CliIo, "env" | "cwd">,
    input?: string,
  ) => Promise<Result<string>>;
}

/** What the command line needs from the other adapters. */
export interface CliDeps {
  /** The program's own version. */
  readonly version: string;
  /** JSON Schema of a configuration file. */
  readonly loadSchema: () => Promise<unknown>;
  /**
   * Loads configuration files and builds their engine.
   *
   * @param paths files, globs and folders
   * @returns the engine with its warnings, or every error
   */
  readonly load: (paths: readonly string[], env: CliIo["env"]) => Promise<Result<CommandEngine>>;
  readonly plugins: PluginDeps;
  readonly manifests: ManifestsDeps;
  readonly certificates: CertificateDeps;
  readonly cluster: ClusterDeps;
  /** Serves until a signal ends it; resolves to the exit code. */
  readonly serve: (options: {
    readonly configPaths: readonly string[];
    readonly role: ServeRole;
  }) => Promise<number>;
}

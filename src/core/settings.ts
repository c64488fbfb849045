/**
 * The part of a configuration that the pipeline reads. `src/config` parses files into these types.
 */

import { type InjectorFlags, MODELLED_VERSION } from "../injector/flags.ts";
import type { Profile } from "./vault/profile.ts";

/** Flyte's `webhook.vaultSecretManager`. */
export interface VaultSettings {
  /** Vault role; an empty one sets an empty role annotation, as in Flyte. */
  readonly role: string;
  /** Engine version for requests that name none. */
  readonly kvVersion: 1 | 2;
  /** Static annotations for every pod with requests. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Clients that look for files, each under a name of its own: Flyte's webhook and `secrets.get` with what it wrote, flytekit in
 * lower case, and the v2 SDK, whose example lower-cases the key alone.
 */
export const FILE_CLIENTS = ["flyte", "flytekit", "flyte-sdk"] as const;
/** A client of {@link FILE_CLIENTS}. */
export type FileClient = (typeof FILE_CLIENTS)[number];

/** The `policy` section. In its globs, `*` matches any run of characters and every other character matches itself. */
export interface PolicySettings {
  /** Predefined rules for the annotations that pods may set; `locked` and `denied` add to them. */
  readonly profile: Profile;
  readonly ids: "stable" | "random";
  /** Clients whose names of files are written; Flyte's own is always one of them. */
  readonly fileNames: FileClient | readonly FileClient[];
  /**
   * How a request for an environment variable is handled: refused, as in Flyte's Vault manager, or set by the kubelet from
   * a file. The latter needs kubelets of Kubernetes 1.35 or newer: older ones silently set an empty variable.
   */
  readonly envVars: "refuse" | { readonly mode: "file-key-ref"; readonly nodes: "all-1.35-or-newer" };
  /** Globs of annotation keys that the pod may not change. */
  readonly locked: readonly string[];
  /** Globs of annotation keys that nobody may set. */
  readonly denied: readonly string[];
  /** Whether issues of severity `error` refuse the pod. */
  readonly strict: boolean;
}

/** One entry of the `plugins` list. */
export interface PluginEntrySettings {
  /** A bundled plugin's name, a file's path, or a package's name. */
  readonly use: string;
  /** Options, checked by the plugin's own schema. */
  readonly with: unknown;
  /** Conditions on the pods that the plugin runs for. */
  readonly when: PluginWhen;
  /** Globs of annotation keys outside the injector's domain that the plugin may write. */
  readonly allow: readonly string[];
  /** What happens when the plugin fails: the pod is refused, or the review continues with a warning. */
  readonly onError: "deny" | "skip";
  /** Time limit of one call, in milliseconds. */
  readonly timeout: number;
  /** Where the plugin runs; if absent, bundled plugins run in process and all others in a worker. */
  readonly isolate?: "worker" | "none" | undefined;
}

/** Conditions on a pod, as globs: a pod must meet every field that is present, by at least one of its globs. */
export interface PluginWhen {
  readonly projects?: readonly string[] | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
  /** Groups of the pod's secret requests, as the task's author wrote them; one matching group is enough. */
  readonly groups?: readonly string[] | undefined;
}

/** How much of a Vault path goes into audit annotations and logs. */
export type AuditPaths = "full" | "hash" | "none";

/** The Vault Agent Injector that runs after this webhook. */
export interface InjectorSettings {
  /** Version of vault-k8s. */
  readonly version: string;
  /** Its flags and environment variables that differ from the defaults. */
  readonly flags: InjectorFlags;
}

/** The injector with default flags. */
export const DEFAULT_INJECTOR: InjectorSettings = { version: MODELLED_VERSION, flags: {} };

/** Everything that the pipeline is compiled from. */
export interface Settings {
  readonly webhook: { readonly vaultSecretManager: VaultSettings };
  readonly policy: PolicySettings;
  readonly plugins: readonly PluginEntrySettings[];
  readonly audit: { readonly paths: AuditPaths };
  /** {@link DEFAULT_INJECTOR} if absent. */
  readonly injector?: InjectorSettings;
}

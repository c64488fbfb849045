/**
 * What the pipeline needs from a configuration. `src/config` reads a file into something that satisfies these
 * types; the core never sees where it came from.
 */

import { type InjectorFlags, MODELLED_VERSION } from "../injector/flags.ts";
import type { Profile } from "./vault/profile.ts";

/** Flyte's `webhook.vaultSecretManager`. */
export interface VaultSettings {
  /** Vault role; an empty one sets an empty role annotation, as in Flyte. */
  readonly role: string;
  /** Engine version where a request names none. */
  readonly kvVersion: 1 | 2;
  /** Static annotations for every pod with requests. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Clients that look for files, each under a name of its own: Flyte's webhook and `secrets.get` with what it wrote, flytekit in
 * lower case, and the v2 SDK, whose example lower-cases the key alone.
 */
export const FILE_CLIENTS = ["flyte", "flytekit", "flyte-sdk"] as const;
export type FileClient = (typeof FILE_CLIENTS)[number];

/** Our `policy` section. Glob: `*` is any run of characters, nothing else is special. */
export interface PolicySettings {
  /** Rules for what pods may set, before `locked` and `denied`. */
  readonly profile: Profile;
  readonly ids: "stable" | "random";
  /** Clients whose names of files are written; Flyte's own is always one of them. */
  readonly fileNames: FileClient | readonly FileClient[];
  /**
   * What becomes of a request for an environment variable: refused, as Flyte's Vault manager does, or set by the kubelet from
   * a file. The latter needs kubelets of Kubernetes 1.35 or newer: older ones set an empty variable without a word.
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
  /** Pods that it is for. */
  readonly when: PluginWhen;
  /** Globs of keys outside the injector's own that it may write. */
  readonly allow: readonly string[];
  /** What a failure of the plugin does: refuse the pod, or go on with a warning. */
  readonly onError: "deny" | "skip";
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  /** Where it runs; absent: bundled plugins in process, all others in a worker. */
  readonly isolate?: "worker" | "none" | undefined;
}

/** Conditions on a pod, as globs: fields are ANDed, items of a list ORed, absent fields hold. */
export interface PluginWhen {
  readonly projects?: readonly string[] | undefined;
  readonly domains?: readonly string[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly serviceAccounts?: readonly string[] | undefined;
  /** Groups of the pod's secret requests, as the task's author wrote them; one that matches is enough. */
  readonly groups?: readonly string[] | undefined;
}

/** How much of a Vault path goes into audit annotations and logs. */
export type AuditPaths = "full" | "hash" | "none";

/** Which injector follows this webhook. */
export interface InjectorSettings {
  /** Version of vault-k8s. */
  readonly version: string;
  /** Its options and variables, where they differ from the defaults. */
  readonly flags: InjectorFlags;
}

/** The injector as it is shipped. */
export const DEFAULT_INJECTOR: InjectorSettings = { version: MODELLED_VERSION, flags: {} };

/** Everything the pipeline is compiled from. */
export interface Settings {
  readonly webhook: { readonly vaultSecretManager: VaultSettings };
  readonly policy: PolicySettings;
  readonly plugins: readonly PluginEntrySettings[];
  readonly audit: { readonly paths: AuditPaths };
  /** Absent: {@link DEFAULT_INJECTOR}. */
  readonly injector?: InjectorSettings;
}

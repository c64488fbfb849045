/**
 * The injector's command-line options, and the environment variables that override them (vault-k8s 1.7.6
 * `subcommand/injector/flags.go`), limited to those that affect pods.
 */
import { parseGoBool, parseGoDuration, parseGoFloat, parseGoInt } from "./go.ts";

/** The version of vault-k8s that the model follows. */
export const MODELLED_VERSION = "1.7.6";

/** Values of `vault-k8s agent-inject` options by name, or of its environment variables; all as text. */
export type InjectorFlags = Readonly<Record<string, string>>;

/** One option of the injector. */
export interface InjectorFlag {
  /** Name of the option, without its dash; absent if there is only a variable. */
  readonly name?: string;
  /** Environment variable, which wins over the option unless it is empty. */
  readonly variable: string;
  readonly type: "text" | "bool" | "int" | "float" | "duration" | "template";
  readonly default: string;
}

/**
 * All options that affect pods. The injector has no default address and does not start without one; the one here is
 * a placeholder.
 */
export const INJECTOR_FLAGS = {
  address: text("vault-address", "AGENT_INJECT_VAULT_ADDR", "https://vault.example.com:8200"),
  caCertBytes: text("vault-cacert-bytes", "AGENT_INJECT_VAULT_CACERT_BYTES", ""),
  proxyAddress: text("proxy-address", "AGENT_INJECT_PROXY_ADDR", ""),
  image: text("vault-image", "AGENT_INJECT_VAULT_IMAGE", "hashicorp/vault:2.0.4"),
  authType: text("vault-auth-type", "AGENT_INJECT_VAULT_AUTH_TYPE", "kubernetes"),
  authPath: text("vault-auth-path", "AGENT_INJECT_VAULT_AUTH_PATH", "auth/kubernetes"),
  namespace: text("vault-namespace", "AGENT_INJECT_VAULT_NAMESPACE", ""),
  revokeOnShutdown: bool("revoke-on-shutdown", "AGENT_INJECT_REVOKE_ON_SHUTDOWN", "false"),
  runAsUser: text("run-as-user", "AGENT_INJECT_RUN_AS_USER", "100"),
  runAsGroup: text("run-as-group", "AGENT_INJECT_RUN_AS_GROUP", "1000"),
  runAsSameUser: bool("run-as-same-user", "AGENT_INJECT_RUN_AS_SAME_USER", "false"),
  setSecurityContext: bool("set-security-context", "AGENT_INJECT_SET_SECURITY_CONTEXT", "true"),
  defaultTemplate: {
    name: "default-template",
    variable: "AGENT_INJECT_DEFAULT_TEMPLATE",
    type: "template",
    default: "map",
  },
  requestCpu: text("cpu-request", "AGENT_INJECT_CPU_REQUEST", "250m"),
  requestMemory: text("memory-request", "AGENT_INJECT_MEM_REQUEST", "64Mi"),
  requestEphemeral: text("ephemeral-storage-request", "AGENT_INJECT_EPHEMERAL_REQUEST", ""),
  limitCpu: text("cpu-limit", "AGENT_INJECT_CPU_LIMIT", "500m"),
  limitMemory: text("memory-limit", "AGENT_INJECT_MEM_LIMIT", "128Mi"),
  limitEphemeral: text("ephemeral-storage-limit", "AGENT_INJECT_EPHEMERAL_LIMIT", ""),
  exitOnRetryFailure: bool(
    "template-config-exit-on-retry-failure",
    "AGENT_INJECT_TEMPLATE_CONFIG_EXIT_ON_RETRY_FAILURE",
    "true",
  ),
  renderInterval: text(
    "template-static-secret-render-interval",
    "AGENT_INJECT_TEMPLATE_STATIC_SECRET_RENDER_INTERVAL",
    "",
  ),
  maxConnections: {
    variable: "AGENT_INJECT_TEMPLATE_MAX_CONNECTIONS_PER_HOST",
    type: "int",
    default: "0",
  },
  // The injector reads this option but does not use it.
  leaseRenewalThreshold: {
    variable: "AGENT_INJECT_TEMPLATE_LEASE_RENEWAL_THRESHOLD",
    type: "float",
    default: "0",
  },
  minBackoff: duration("auth-min-backoff", "AGENT_INJECT_AUTH_MIN_BACKOFF"),
  maxBackoff: duration("auth-max-backoff", "AGENT_INJECT_AUTH_MAX_BACKOFF"),
  disableIdleConnections: text("disable-idle-connections", "AGENT_INJECT_DISABLE_IDLE_CONNECTIONS", ""),
  disableKeepAlives: text("disable-keep-alives", "AGENT_INJECT_DISABLE_KEEP_ALIVES", ""),
} as const satisfies Readonly<Record<string, InjectorFlag>>;

/** The effective value of each option, as text; a boolean is `true` or `false`. */
export type InjectorSettings = Readonly<Record<keyof typeof INJECTOR_FLAGS, string>>;

/** Options of the injector that have no effect on pods. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...[
    "listen",
    "log-level",
    "log-format",
    "telemetry-path",
    "use-leader-elector",
    "tls-auto",
    "tls-auto-hosts",
  ],
  ...["tls-ca-cert-file", "tls-cert-file", "tls-key-file", "tls-min-version", "tls-cipher-suites"],
  ...[
    "AGENT_INJECT_LISTEN",
    "AGENT_INJECT_LOG_LEVEL",
    "AGENT_INJECT_LOG_FORMAT",
    "AGENT_INJECT_TELEMETRY_PATH",
  ],
  ...["AGENT_INJECT_USE_LEADER_ELECTOR", "AGENT_INJECT_TLS_AUTO", "AGENT_INJECT_TLS_AUTO_HOSTS"],
  ...["AGENT_INJECT_TLS_CA_CERT_FILE", "AGENT_INJECT_TLS_CERT_FILE", "AGENT_INJECT_TLS_KEY_FILE"],
  ...["AGENT_INJECT_TLS_MIN_VERSION", "AGENT_INJECT_TLS_CIPHER_SUITES"],
]);

const compiled = new WeakMap<InjectorFlags, InjectorSettings>();

/** @returns the effective values, with defaults for options that are not given; cached for each object */
export function toSettings(flags: InjectorFlags): InjectorSettings {
  const known = compiled.get(flags);
  if (known) return known;
  const entries = Object.entries(INJECTOR_FLAGS).map(([key, flag]) => [key, readFlag(flag, flags)]);
  const settings: InjectorSettings = Object.fromEntries(entries);
  compiled.set(flags, settings);
  return settings;
}

function readFlag(flag: InjectorFlag, flags: InjectorFlags): string {
  const variable = own(flags, flag.variable);
  const value = variable || (flag.name === undefined ? undefined : own(flags, flag.name));
  if (value === undefined) return flag.default;
  return flag.type === "bool" ? String(parseGoBool(value) ?? flag.default) : value;
}

function own(flags: InjectorFlags, name: string): string | undefined {
  return Object.hasOwn(flags, name) ? flags[name] : undefined;
}

/** A problem of an option: its name is unknown, or the injector does not start with its value. */
export interface FlagFinding {
  readonly name: string;
  readonly kind: "unknown" | "value";
}

/** Names of all options, for messages. */
export const FLAG_NAMES: readonly string[] = Object.values(INJECTOR_FLAGS).flatMap((flag: InjectorFlag) =>
  flag.name === undefined ? [flag.variable] : [flag.name, flag.variable],
);

/** @returns unknown names, and options with which the injector would not start */
export function judgeFlags(flags: InjectorFlags): FlagFinding[] {
  return Object.entries(flags).flatMap(([name, value]): FlagFinding[] => {
    const flag = Object.values(INJECTOR_FLAGS).find(
      (one: InjectorFlag) => one.name === name || one.variable === name,
    );
    if (!flag) return WITHOUT_EFFECT.has(name) ? [] : [{ name, kind: "unknown" }];
    return startsWith(flag, value) ? [] : [{ name, kind: "value" }];
  });
}

function startsWith(flag: InjectorFlag, value: string): boolean {
  if (flag === INJECTOR_FLAGS.address) return value !== "";
  switch (flag.type) {
    case "text":
      return true;
    case "bool":
      return parseGoBool(value) !== undefined;
    case "int":
      return value === "" || parseGoInt(value) !== undefined;
    case "float":
      return value === "" || parseGoFloat(value) !== undefined;
    case "duration":
      return value === "" || parseGoDuration(value) !== undefined;
    case "template":
      return value === "map" || value === "json";
  }
}

function text(name: string, variable: string, fallback: string): InjectorFlag {
  return { name, variable, type: "text", default: fallback };
}

function bool(name: string, variable: string, fallback: string): InjectorFlag {
  return { name, variable, type: "bool", default: fallback };
}

function duration(name: string, variable: string): InjectorFlag {
  return { name, variable, type: "duration", default: "" };
}

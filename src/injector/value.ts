/**
 * Value forms of the injector's annotations: which texts are valid, and what happens to other ones.
 *
 * Each form names the parser that it follows: Go's (strconv, time), HashiCorp's parseutil, Kubernetes'
 * resource.ParseQuantity or the Vault Agent's own.
 */
import { parseAgentDuration, parseGoBool, parseGoDuration, parseGoFloat, parseGoInt } from "./go.ts";
import { decodeJsonPatch } from "./json-patch.ts";
import { readQuantity } from "./quantity.ts";

/**
 * The consequence of an invalid value: the `injector` refuses the pod; the `api` server refuses the pod after injection; the
 * `agent` fails; the secret is `lost`, because it is written where the task does not look; the value counts as `false`; or it
 * is `ignored`.
 */
export type ValueOutcome = "injector" | "api" | "agent" | "lost" | "false" | "ignored";

/** One form of value, shared by annotations. */
export interface ValueForm {
  /** Name of the form, for listings. */
  readonly type: string;
  /** Completes "expected …". */
  readonly expected: string;
  readonly accepts: (text: string) => boolean;
  readonly otherwise: ValueOutcome;
  /** @returns the consequence of a value that differs from `otherwise` */
  readonly exceptions?: (text: string) => ValueOutcome | undefined;
  /** The valid values, if they can be listed. */
  readonly allowed?: readonly string[];
}

/** Any text. */
export const text: ValueForm = form("string", "any text", "ignored", () => true);

/** Text that the injector refuses when empty (vault-k8s `agent.Validate`). */
export const required: ValueForm = form("string", "a value that is not empty", "injector", (t) => t !== "");

/** Text without blanks at its ends, because neither Vault nor the agent trims it. */
export const trimmed: ValueForm = form("string", "a value without blanks at its ends", "agent", isTrimmed);

/** File or folder in the agent's container; absolute, because the container does not set a working directory. */
export const agentFile: ValueForm = form(
  "path",
  "an absolute path in the agent's container",
  "agent",
  (t) => t === "" || (t.startsWith("/") && isTrimmed(t)),
);

/** Image of the agent; the API server refuses blanks at its ends. */
export const image: ValueForm = {
  ...form("string", "an image without blanks at its ends", "api", (t) => t !== "" && isTrimmed(t)),
  exceptions: emptyIs("injector"),
};

/** Address of Vault (Vault `api/client.go`, ParseAddress): the URL of a host or a Unix socket. */
export const address: ValueForm = {
  ...form("url", 'a URL such as "https://vault.example.com:8200"', "agent", (t) =>
    /^(?:https?:\/\/[^\s/]\S*|unix:\/\/\S+)$/.test(t),
  ),
  exceptions: emptyIs("injector"),
};

/** Text that the injector skips when it is blank (vault-k8s `agent.secrets`). */
export const notBlank: ValueForm = form(
  "string",
  "a value that is not blank",
  "ignored",
  (t) => t.trim() !== "",
);

/** Boolean (parseutil.ParseBool: strconv.ParseBool, and empty is false). */
export const bool: ValueForm = form("bool", "true or false", "injector", (t) => parseGoBool(t) !== undefined);

/** Boolean whose invalid values count as false (vault-k8s `preserveSecretCase`). */
export const lenientBool: ValueForm = { ...bool, otherwise: "false" };

/** Integer (parseutil.ParseInt: 64 bits, and empty is 0). */
export const int: ValueForm = form(
  "int",
  "a whole number",
  "injector",
  (t) => t === "" || parseGoInt(t) !== undefined,
);

/** Largest user or group id (Kubernetes `validation.IsValidUserID`). */
const LARGEST_ID = 2n ** 31n - 1n;

/** User or group id: the injector accepts 64 bits, the API server 31; empty is root. */
export const userId: ValueForm = {
  ...form("int", "a whole number from 0 to 2147483647", "injector", (t) => {
    const id = t === "" ? 0n : parseGoInt(t);
    return id !== undefined && id >= 0n && id <= LARGEST_ID;
  }),
  exceptions: (t) => (parseGoInt(t) === undefined ? undefined : "api"),
};

/** Unsigned integer (strconv.ParseUint: not empty, no sign). */
export const uint: ValueForm = form("uint", "a whole number of seconds, 0 or more", "injector", (t) =>
  isUnsigned(t, 64),
);

/**
 * Fraction (strconv.ParseFloat). The injector renders it as JSON, which has neither NaN nor Inf; for a number outside 0 to 1,
 * the agent uses its default or never renews.
 */
export const fraction: ValueForm = {
  ...form("float", "a number from 0 to 1", "injector", (t) => {
    const number = parseGoFloat(t);
    return number !== undefined && number >= 0 && number <= 1;
  }),
  exceptions: (t) => (parseGoFloat(t) === undefined ? undefined : "ignored"),
};

/** Kubernetes quantity; empty means none. The injector accepts negative ones, but the API server refuses them. */
export const quantity: ValueForm = {
  ...form("quantity", "a Kubernetes quantity such as 250m or 64Mi", "injector", (t) => {
    const canonical = t === "" ? "" : readQuantity(t).text;
    return canonical !== undefined && !canonical.startsWith("-");
  }),
  exceptions: (t) => (readQuantity(t).error === undefined ? "api" : undefined),
};

/** Go duration (time.ParseDuration); empty means the default. */
export const duration: ValueForm = form(
  "duration",
  'a Go duration such as "5s" or "1m30s"',
  "injector",
  (t) => {
    return t === "" || parseGoDuration(t) !== undefined;
  },
);

/** Duration as Vault reads it: Go's, days, or a bare number of seconds (parseutil.ParseDurationSecond). */
export const agentDuration: ValueForm = form(
  "duration",
  'seconds or a duration such as "60s" or "5m"',
  "agent",
  (t) => {
    return (parseAgentDuration(t) ?? -1n) >= 0n;
  },
);

/** Retries of Vault's client (strconv.ParseUint, 32 bits; Vault `api/client.go` ReadEnvironment). */
export const retries: ValueForm = form(
  "int",
  "a whole number, 0 or more",
  "agent",
  (t) => t === "" || isUnsigned(t, 32),
);

/** GOMAXPROCS: Go's runtime ignores everything but positive 32-bit numbers. */
export const processors: ValueForm = form("int", "a whole number, 1 or more", "ignored", (t) => {
  return t === "" || (isUnsigned(t, 31) && Number(t) > 0);
});

/** TCP port of a listener that only the sidecar's cache and quit endpoint use. */
export const port: ValueForm = form("port", "a port from 1 to 65535", "ignored", (t) => {
  return isUnsigned(t, 16) && Number(t) > 0;
});

/** Log level (Vault `helper/logging` ParseLogLevel: blanks and case do not matter; empty is info). */
export const logLevel: ValueForm = enumeration(["trace", "debug", "info", "warn", "error"], "agent", (t) =>
  /^(|trace|debug|notice|info|warn|warning|err|error)$/.test(t.trim().toLowerCase()),
);

/** Log format (Vault `helper/logging` ParseLogFormat). */
export const logFormat: ValueForm = enumeration(["standard", "json"], "agent", (t) =>
  /^(|standard|json)$/.test(t.trim().toLowerCase()),
);

/** Shape of the injector's generic template (vault-k8s `agent.New`: without regard to case, never empty). */
export const templateShape: ValueForm = enumeration(["map", "json"], "injector", (t) =>
  /^(map|json)$/.test(t.toLowerCase()),
);

/** Whether the cache uses the agent's token; only a sidecar with a cache reads it. */
export const cacheToken: ValueForm = enumeration(["true", "false", "force"], "ignored", (t) => {
  return t === "force" || parseGoBool(t) !== undefined;
});

/** Written by the injector; anything but `injected` counts as not yet injected. */
export const status: ValueForm = enumeration(["injected"], "ignored", () => true);

const FEATURES = ["auto-auth", "caching", "proxying", "templating"];

/** Agent features (Vault `command/agent/config`); the injector splits at commas and does not trim. */
export const features: ValueForm = {
  ...form("list", `a list of ${FEATURES.join(", ")}, with commas and without blanks`, "agent", (t) =>
    t.split(",").every((feature) => feature === "" || FEATURES.includes(feature)),
  ),
  allowed: FEATURES,
};

const AUTH_TYPES = "alicloud approle aws azure cert cf gcp jwt kerberos kubernetes oci pcf token_file".split(
  " ",
);

/** Auto-auth method (Vault `command/agentproxyshared/helpers.go`). */
export const authType: ValueForm = {
  ...enumeration(AUTH_TYPES, "agent", (t) => AUTH_TYPES.includes(t)),
  exceptions: emptyIs("injector"),
};

/**
 * Mount of the auth method, to which the agent appends `/login`. Vault Enterprise allows a namespace before it:
 * `team-a/auth/kubernetes`.
 */
export const authPath: ValueForm = {
  ...form(
    "string",
    'the path of an auth method, such as "auth/kubernetes", without "/login"',
    "agent",
    (t) => {
      const [head = "", ...rest] = t.split("/").filter((segment) => segment !== "");
      const mount = rest.slice(head === "auth" ? 0 : rest.indexOf("auth") + 1);
      const isMount = head === "auth" || (rest.includes("auth") && head !== "v1");
      return isTrimmed(t) && isMount && mount.length > 0 && mount.at(-1) !== "login";
    },
  ),
  exceptions: emptyIs("injector"),
};

/** Parameter `type` of the two auth methods that have one (Vault `command/agentproxyshared/auth/{gcp,aws}`). */
export const authConfigType: ValueForm = {
  ...form("enum", "gce or iam for Vault's gcp auth method, ec2 or iam for its aws one", "agent", (t) =>
    /^(gce|iam|ec2)$/.test(t),
  ),
  allowed: ["gce", "iam", "ec2"],
};

/** File mode (consul-template `StringToFileModeFunc`: octal, at most 12 bits, no prefix); empty is the default. */
export const fileMode: ValueForm = form("file mode", 'an octal file mode such as "0400"', "agent", (t) => {
  return t === "" || /^0*[0-7]{1,4}$/.test(t);
});

/** Mount path of a volume; the API server refuses an empty one, and `filepath.Join` resolves `..` silently. */
export const absolutePath: ValueForm = {
  ...form("path", 'an absolute path without ".." segments', "lost", (t) => {
    return /^\/+[^/]/.test(t) && isTrimmed(t) && !t.split("/").includes("..");
  }),
  exceptions: emptyIs("api"),
};

/** File below the secret volume; the injector joins it to the mount path and lets `..` leave the volume. */
export const fileInVolume: ValueForm = form(
  "path",
  "a path that stays inside the secret volume",
  "lost",
  (t) => {
    if (!t.includes("..")) return true;
    let depth = 0;
    for (const segment of t.split("/")) {
      if (segment === "..") depth--;
      else if (segment !== "" && segment !== ".") depth++;
      if (depth < 0) return false;
    }
    return true;
  },
);

/**
 * Path of a template file. The injector also reads the template of an id that begins with `file-` as this annotation, and
 * its text as a path (vault-k8s `agent.secrets`).
 */
export const templateFile: ValueForm = form(
  "path",
  'the path of a template file (a template cannot have an id that begins with "file-")',
  "agent",
  (t) => !t.includes("{{") && !t.includes("\n"),
);

/** JSON Patch that can be decoded; empty means none. Whether it can be applied depends on the container. */
export const jsonPatch: ValueForm = form(
  "json patch",
  "a JSON Patch: a list of operations (RFC 6902)",
  "injector",
  (t) => t === "" || decodeJsonPatch(t).error === undefined,
);

function form(
  type: string,
  expected: string,
  otherwise: ValueOutcome,
  accepts: ValueForm["accepts"],
): ValueForm {
  return { type, expected, otherwise, accepts };
}

function enumeration(
  allowed: readonly string[],
  otherwise: ValueOutcome,
  accepts: ValueForm["accepts"],
): ValueForm {
  const expected = allowed.length > 1 ? `one of ${allowed.join(", ")}` : allowed.join();
  return { type: "enum", expected, otherwise, accepts, allowed };
}

function isUnsigned(value: string, bits: number): boolean {
  return /^\d{1,40}$/.test(value) && BigInt(value) < 1n << BigInt(bits);
}

function isTrimmed(value: string): boolean {
  return value.trim() === value;
}

function emptyIs(outcome: ValueOutcome): NonNullable<ValueForm["exceptions"]> {
  return (value) => (value === "" ? outcome : undefined);
}

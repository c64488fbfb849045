/**
 * The agent's login. Reads `auth-type`, `auth-path`, `auth-config-*`, `role`, `namespace`, `auth-min-backoff`,
 * `auth-max-backoff`, `agent-auto-auth-exit-on-err`, `agent-inject-token`, `secret-volume-path`.
 */
import { joinPath } from "./path.ts";
import type { Reader } from "./reader.ts";
import type { TokenMount } from "./token.ts";

/** `auto_auth`; fields without a value are absent. */
export interface AgentAutoAuth {
  readonly method: {
    readonly type: string;
    readonly mount_path?: string;
    readonly min_backoff?: string;
    readonly max_backoff?: string;
    readonly namespace?: string;
    readonly config?: Readonly<Record<string, string>>;
    readonly exit_on_err?: true;
  };
  readonly sink: readonly { readonly type: string; readonly config: { readonly path: string } }[];
}

/** Parameters of the auth method (vault-k8s `authConfig`): the token's path, then the annotations', then the role. */
export function readAuthParameters(reader: Reader, token: TokenMount): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>();
  if (token.mountPath !== "") parameters.set("token_path", joinPath(token.mountPath, token.tokenPath));
  for (const [parameter, value] of reader.startingWith("auth-config-")) {
    parameters.set(parameter.replaceAll("-", "_"), value);
  }
  const role = reader.text("role");
  if (role !== "") parameters.set("role", role);
  return Object.fromEntries([...parameters].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Settings of the login besides its parameters. */
export interface AuthSwitches {
  readonly injectToken: boolean;
  readonly exitOnError: boolean;
}

/** Renders `auto_auth`. */
export function toAutoAuth(
  reader: Reader,
  parameters: Readonly<Record<string, string>>,
  { injectToken, exitOnError }: AuthSwitches,
): AgentAutoAuth {
  const optional = {
    mount_path: reader.text("auth-path"),
    min_backoff: reader.text("auth-min-backoff"),
    max_backoff: reader.text("auth-max-backoff"),
    namespace: reader.text("namespace"),
  };
  const own = { type: "file", config: { path: "/home/vault/.vault-token" } };
  const shared = { type: "file", config: { path: joinPath(reader.text("secret-volume-path"), "token") } };
  return {
    method: {
      type: reader.text("auth-type"),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== "")),
      ...(Object.keys(parameters).length === 0 ? {} : { config: parameters }),
      ...(exitOnError ? { exit_on_err: true } : {}),
    },
    sink: injectToken ? [own, shared] : [own],
  };
}

/**
 * The v2 SDK's words for a secret, `as_env_var` and `mount`, in Flyte's own fields (flyte-sdk `_secret.py`): a variable beside a
 * mount still makes ENV_VAR, and without either of them the variable is named by group and key.
 */
import { MountRequirement, type SecretRequest } from "./request.ts";

/** The only folder that the v2 SDK takes for `mount`. */
export const SDK_MOUNT = "/etc/flyte/secrets";

/**
 * Says how the v2 SDK asks for a secret.
 *
 * @param asked the SDK's `as_env_var`; empty where the task names none
 * @example
 * toSdkMount({ group: "", key: "api-key" }, "", false); // { mount_requirement: 1, env_var: "API_KEY" }
 */
export function toSdkMount(
  { group, key }: Pick<SecretRequest, "group" | "key">,
  asked: string,
  hasMount: boolean,
): Pick<SecretRequest, "mount_requirement" | "env_var"> {
  if (asked === "" && hasMount) return { mount_requirement: MountRequirement.FILE, env_var: "" };
  const name = (group === "" ? key : `${group}_${key}`).replaceAll("-", "_").toUpperCase();
  return { mount_requirement: MountRequirement.ENV_VAR, env_var: asked === "" ? name : asked };
}

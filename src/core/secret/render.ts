/** Secret requests in the plain form, for people to read and for previews and `secrets encode` to take. */
import { mountRequirementName, type SecretRequest } from "./request.ts";

/** A request as the plain form has it: what is empty is left out. */
export type PlainSecret = Readonly<Partial<Record<keyof SecretRequest, string | number>>>;

/** @returns the request with Flyte's name of its mount requirement. */
export function toPlainSecret(request: SecretRequest): PlainSecret {
  const { group, group_version, key, mount_requirement: mount, env_var } = request;
  const name = mountRequirementName(mount);
  return {
    ...{ group, key },
    ...(group_version !== "" && { group_version }),
    ...(mount !== 0 && { mount_requirement: name === String(mount) ? mount : name }),
    ...(env_var !== "" && { env_var }),
  };
}

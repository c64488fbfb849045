/** Renders secret requests in the plain form, which people read, and which previews and `secrets encode` accept. */
import { mountRequirementName, type SecretRequest } from "./request.ts";

/** A request in the plain form; empty fields are left out. */
export type PlainSecret = Readonly<Partial<Record<keyof SecretRequest, string | number>>>;

/** @returns the request in the plain form, with its mount requirement by Flyte's name if it has one */
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

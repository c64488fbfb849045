/**
 * The Vault paths that a request's group may mean. The agent asks Vault where the mount ends, and puts `data` after a mount of a
 * version 2 engine unless it is there (consul-template `dependency/vault_common.go`), so that a group with and without `data`
 * reads the same secret; only Vault knows which mounts those are. `?version=3` is no part of the name there.
 */

/** Parts of a path after which a mount may end; none in use has so many. */
const MOST_MOUNT_PARTS = 16;
const DATA = "data/";

/**
 * Lists the paths that a group may mean, for rules about paths: one that matches any of them is meant.
 *
 * @returns the group, the group without its version, and that with `data` after or without `data` behind each of its first parts
 *
 * @example
 * listReadings("secret/prod/db").includes("secret/data/prod/db"); // true
 * listReadings("secret/data/prod/db?version=2").includes("secret/prod/db"); // true
 */
export function listReadings(group: string): readonly string[] {
  const path = group.replace(/\?version=[0-9]+$/, "");
  const readings = [group, path];
  // Slices rather than parts: the length of a group is up to the pod's author.
  let end = path.indexOf("/");
  for (let parts = 0; parts < MOST_MOUNT_PARTS && end >= 0; parts++) {
    const [mount, rest] = [path.slice(0, end), path.slice(end + 1)];
    readings.push(`${mount}/${DATA}${rest}`);
    if (rest.startsWith(DATA)) readings.push(`${mount}/${rest.slice(DATA.length)}`);
    end = path.indexOf("/", end + 1);
  }
  return readings;
}

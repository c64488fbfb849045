/** Validates a configuration; issues say what was found, what is expected, and where. */
import * as v from "valibot";
import { configIssues } from "../core/issue/config.ts";
import type { Issue } from "../core/issue/issue.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type Config, ConfigSchema } from "./schema.ts";
import { at, describe, find, type Path, type Tree, toDotted, toPlain } from "./tree.ts";

// Planned values: the issue says that they are not supported yet, instead of reporting a typo.
const NOT_YET: ReadonlyMap<string, string> = new Map([["policy.unclaimed", "handover"]]);

/**
 * Validates a merged configuration.
 *
 * @param tree the merged tree, after variables were substituted
 */
export function validate(tree: Tree): Result<Config> {
  // valibot's messages quote the value, which may come from an environment variable; these do not.
  const result = v.safeParse(ConfigSchema, toPlain(tree), {
    message: ({ expected }) => expected ?? "another value",
  });
  if (result.success) return success(result.output);
  const [first, ...rest] = result.issues;
  return failure([toIssue(first, tree), ...rest.map((found) => toIssue(found, tree))]);
}

function toIssue(found: v.BaseIssue<unknown>, tree: Tree): Issue {
  const steps: Path = (found.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
  const path = toDotted(steps);
  const { tree: part, place } = find(tree, steps);
  const where = { at: at(place), path };
  if (part === undefined) return configIssues["config.missing"](where, { path });
  const got = describeSafely(part, path);
  if (path === "version") return configIssues["config.version"]({ ...where, got }, { path });
  if (part.kind === "leaf" && NOT_YET.get(path) === part.value) {
    return configIssues["config.not-yet"]({ ...where, got, now: found.message }, { path });
  }
  return configIssues["config.value"]({ ...where, got, expected: found.message }, { path });
}

function describeSafely(part: Tree, path: string): string {
  const isToken = path === "server.preview.token" && part.kind === "leaf" && part.value !== "";
  // The name of a variable may be shown, and says where to look.
  const isHidden = isToken && !/^\$\{env:\w+\}$/.test(part.source);
  return isHidden ? "a value that is not shown here" : describe(part);
}

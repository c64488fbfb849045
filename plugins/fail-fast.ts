/**
 * Makes the Vault Agent fail immediately where it would wait or write an unusable file, so that Flyte shows a failed task
 * rather than one that is "initializing" for hours.
 *
 * | without it | option |
 * |---|---|
 * | a wrong role or a service account that is not bound to it is retried forever | `login` |
 * | a key that the secret lacks is written as `<no value>`, and the task starts with it | `missingKeys` |
 * | a template that fails after its retries leaves the agent waiting, if the injector is configured to do so | `templates` |
 *
 * A path that does not exist, or that the role may not read (403), is still tried for about five minutes: the agent has no
 * setting for that. Let `path-policy` refuse what a project's role cannot read, so that the task fails before its agent asks.
 *
 * @example
 * - use: fail-fast
 */
import { checkAnnotation, definePlugin } from "flyte-vault-webhook/plugin";
import * as v from "valibot";

const VAULT = "vault.hashicorp.com/";
const LOGIN = `${VAULT}agent-auto-auth-exit-on-err`;
const TEMPLATES = `${VAULT}template-config-exit-on-retry-failure`;
const TIMEOUT = `${VAULT}client-timeout`;
const RETRIES = `${VAULT}client-max-retries`;

const flag = v.optional(v.boolean("true or false"), true);

const Options = v.strictObject({
  /** Ends the agent when a login fails. Leave it out where Vault may be away for a moment and tasks should wait. */
  login: flag,
  /** Fails the rendering of a file whose template reads a key that the secret lacks. */
  missingKeys: flag,
  /** Ends the agent when a template still fails after its retries. */
  templates: flag,
  /** Longest time that one request to Vault may take; the agent's 60s where absent. */
  clientTimeout: v.optional(
    v.pipe(
      v.string("a duration such as 10s"),
      v.nonEmpty("a duration such as 10s"),
      v.check(
        (text) => checkAnnotation(TIMEOUT, text).length === 0,
        ({ input }) => checkAnnotation(TIMEOUT, input)[0]?.message ?? "",
      ),
    ),
  ),
  /** How often a request is sent again when Vault answers 5xx; the agent's 2 where absent. */
  clientRetries: v.optional(
    v.pipe(
      v.number("a number"),
      v.integer("a whole number"),
      v.minValue(0, "0 or more"),
      v.maxValue(20, "20 or less"),
    ),
  ),
});

export default definePlugin({
  name: "fail-fast",
  description: "Makes the Vault Agent fail immediately instead of waiting or writing an unusable file",
  writes: [LOGIN, TEMPLATES, TIMEOUT, RETRIES, `${VAULT}error-on-missing-key-*`],
  options: Options,
  setup: ({ login, missingKeys, templates, clientTimeout, clientRetries }) => {
    const fixed: Record<string, string> = {
      ...(login && { [LOGIN]: "true" }),
      ...(templates && { [TEMPLATES]: "true" }),
      ...(clientTimeout !== undefined && { [TIMEOUT]: clientTimeout }),
      ...(clientRetries !== undefined && { [RETRIES]: String(clientRetries) }),
    };
    if (!missingKeys) return { annotations: () => fixed };
    return {
      annotations: ({ files }) => {
        const annotations = { ...fixed };
        for (const file of Object.values(files).flat()) annotations[file.keys.errorOnMissingKey] = "true";
        return annotations;
      },
    };
  },
});

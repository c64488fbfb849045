/** The file of a variable, rendered by the agent's own engine: a form that the kubelet reads as the same value, or a failure. */
import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { SECRET_ENGINES, type SecretEngine } from "../../src/core/vault/secret-engines.ts";
import { renderVariableTemplate } from "../../src/core/vault/variable.ts";
import { findEngine, render } from "./engine.ts";
import { REFUSED_VALUES, SERVED_VALUES } from "./variable-values.ts";

setDefaultTimeout(30_000);
beforeAll(findEngine, 300_000);

describe.each(Object.keys(SECRET_ENGINES) as SecretEngine[])("renderVariableTemplate for %s", (engine) => {
  const path = { kv1: "kv1/app", kv2: "secret/data/app", db: "database/creds/app" }[engine];

  test.each(SERVED_VALUES)("serves %s", async (_, value, text) => {
    const {
      text: written,
      stderr,
      paths,
    } = await render(renderVariableTemplate(engine, path, "api-key"), {
      [path]: { "api-key": value },
    });
    expect({ written, stderr, paths }).toEqual({ written: `VALUE='${text}'`, stderr: "", paths: [path] });
  });

  test.each(REFUSED_VALUES)("fails aloud for %s", async (_, value) => {
    const { text, stderr } = await render(renderVariableTemplate(engine, path, "api-key"), {
      [path]: { "api-key": value },
    });
    expect(text).toBeUndefined();
    // The agent takes the secret's values out of what it says: an empty one leaves nothing readable.
    if (value !== "") expect(stderr).toContain(`Vault secret "${path}"`);
    expect(stderr).not.toContain("7f3a");
  });

  test("fails aloud for a missing key", async () => {
    const { text, stderr } = await render(renderVariableTemplate(engine, path, "api-key"), {
      [path]: { other: "7f3a" },
    });
    expect(text).toBeUndefined();
    expect(stderr).toContain(`Vault secret "${path}" has no key "api-key", or it is null`);
  });
});

/** The agent's requests against its limits. */
import { expect, test } from "bun:test";
import { checkResources } from "../../../src/core/check/resource.ts";
import { VAULT_DOMAIN } from "../../../src/injector/vocabulary.ts";
import { codesOf, runRule } from "./rule.ts";

const [ABOVE, DEFAULT] = ["pod.request-above-limit", "pod.request-above-default"];

// The injector's defaults: 250m and 500m of CPU, 64Mi and 128Mi of memory.
test.each([
  [{}, []],
  [{ "agent-requests-cpu": "1", "agent-limits-cpu": "1" }, []],
  [{ "agent-requests-cpu": "1001m", "agent-limits-cpu": "1" }, [ABOVE]],
  [{ "agent-requests-cpu": "500m" }, []],
  [{ "agent-requests-cpu": "501m" }, [DEFAULT]],
  [{ "agent-limits-cpu": "250m" }, []],
  [{ "agent-limits-cpu": "249m" }, [DEFAULT]],
  [{ "agent-requests-mem": "128Mi" }, []],
  [{ "agent-requests-mem": "129Mi" }, [DEFAULT]],
  [{ "agent-requests-mem": "1Gi", "agent-limits-mem": "1Gi" }, []],
  [{ "agent-requests-mem": "1Gi", "agent-limits-mem": "1G" }, [ABOVE]],
  [{ "agent-requests-ephemeral": "2Gi", "agent-limits-ephemeral": "1Gi" }, [ABOVE]],
  [{ "agent-requests-ephemeral": "2Gi" }, []],
  [{ "agent-requests-cpu": "many", "agent-limits-cpu": "1" }, []],
  [{ "agent-requests-cpu": "2", "agent-limits-cpu": "few" }, []],
  [{ "agent-requests-cpu": "2", "agent-limits-cpu": "1", "agent-limits-mem": "1Mi" }, [ABOVE, DEFAULT]],
])("%j: %j", (annotations, codes) => {
  expect(codesOf(checkResources, annotations).toSorted()).toEqual(codes.toSorted());
});

test("what is missing, and its default, is named", () => {
  const [request] = runRule(checkResources, { "agent-requests-cpu": "501m" });
  expect(request).toMatchObject({ annotation: `${VAULT_DOMAIN}agent-requests-cpu` });
  expect(request?.message).toContain(`${VAULT_DOMAIN}agent-limits-cpu is not set and defaults to 500m`);
  const [limit] = runRule(checkResources, { "agent-limits-cpu": "249m" });
  expect(limit).toMatchObject({ annotation: `${VAULT_DOMAIN}agent-limits-cpu` });
  expect(limit?.message).toContain(`${VAULT_DOMAIN}agent-requests-cpu is not set and defaults to 250m`);
});

test("the injector's own defaults decide", () => {
  expect(codesOf(checkResources, { "agent-requests-cpu": "2" }, {}, { "cpu-limit": "4" })).toEqual([]);
  expect(codesOf(checkResources, { "agent-limits-cpu": "2" }, {}, { "cpu-request": "4" })).toEqual([DEFAULT]);
});

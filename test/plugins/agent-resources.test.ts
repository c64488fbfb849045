import { test } from "bun:test";
import { testPlugin } from "flyte-vault-webhook/testing";
import agentResources from "../../plugins/agent-resources.ts";

const AGENT = "vault.hashicorp.com/agent-";

test("agent-resources", () =>
  testPlugin(agentResources, {
    valid: [
      {
        name: "everything",
        with: {
          requests: { cpu: "25m", memory: "32Mi", "ephemeral-storage": "8Mi" },
          limits: { cpu: 1, memory: "64Mi", "ephemeral-storage": "16M" },
        },
        expect: {
          annotations: {
            [`${AGENT}requests-cpu`]: "25m",
            [`${AGENT}requests-mem`]: "32Mi",
            [`${AGENT}requests-ephemeral`]: "8Mi",
            [`${AGENT}limits-cpu`]: "1",
            [`${AGENT}limits-mem`]: "64Mi",
            [`${AGENT}limits-ephemeral`]: "16M",
          },
        },
      },
      {
        name: "no limit on CPU",
        with: { limits: { cpu: "" } },
        expect: { annotations: { [`${AGENT}limits-cpu`]: "" } },
      },
      {
        name: "a request below the injector's limit",
        with: { requests: { memory: "128Mi" } },
        expect: { annotations: { [`${AGENT}requests-mem`]: "128Mi" } },
      },
      {
        name: "an exponent",
        with: { requests: { memory: "1e8" }, limits: { memory: "128Mi" } },
        expect: { annotations: { [`${AGENT}requests-mem`]: "1e8", [`${AGENT}limits-mem`]: "128Mi" } },
      },
    ],
    invalid: [
      { name: "nothing", with: {}, message: "requests or limits" },
      { name: "two empty lists", with: { requests: {}, limits: {} }, message: "requests or limits" },
      { name: "no quantity", with: { limits: { cpu: "lots" } }, message: '"lots" is no Kubernetes quantity' },
      { name: "a blank in it", with: { limits: { memory: "64 Mi" } }, message: "no Kubernetes quantity" },
      { name: "a negative one", with: { limits: { cpu: -1 } }, message: "no Kubernetes quantity" },
      { name: "the injector's name", with: { limits: { mem: "64Mi" } }, message: "limits.mem" },
      {
        name: "a request above its limit",
        with: { requests: { cpu: "1" }, limits: { cpu: "999m" } },
        message: "requests.cpu 1 is above limits.cpu 999m",
      },
      {
        name: "Mi above M",
        with: { requests: { memory: "100Mi" }, limits: { memory: "100M" } },
        message: "requests.memory 100Mi is above limits.memory 100M",
      },
      {
        name: "a limit below the injector's request",
        with: { limits: { cpu: "100m" } },
        message: "set requests.cpu as well",
      },
      {
        name: "a request above the injector's limit",
        with: { requests: { memory: "1Gi" } },
        message: "set limits.memory as well",
      },
      {
        name: "0 as a limit",
        with: { requests: { cpu: "1m" }, limits: { cpu: 0 } },
        message: "above limits.cpu 0",
      },
    ],
  }));

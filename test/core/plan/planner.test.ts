/** Which pods share a plan: what is kept is the same object, and what may differ between pods is not kept. */
import { describe, expect, test } from "bun:test";
import { toLayer } from "../../../src/core/layer.ts";
import { createPlanner } from "../../../src/core/plan/plan.ts";
import type { PluginInstance } from "../../../src/core/plugin/instance.ts";
import type { Settings } from "../../../src/core/settings.ts";
import { DEFAULT_SETTINGS } from "../../fixtures/engine.ts";

const VAULT = "vault.hashicorp.com/";
const S0 = "flyte.secrets/s0";
const PLUGIN: PluginInstance = { name: "p", writes: ["*"] };

/** A planner, and how often it had requests prepared. */
function create(changes: Partial<Settings["policy"]> = {}) {
  const settings = { ...DEFAULT_SETTINGS, policy: { ...DEFAULT_SETTINGS.policy, ...changes } };
  const planner = createPlanner(settings, [PLUGIN], "hash", btoa);
  const counted = { prepared: 0 };
  /** Plans a pod with these annotations besides its request. */
  const plan = (own: Readonly<Record<string, string>> = {}, value = "request") => {
    const annotations = { [S0]: value, ...own };
    const vaultKeys = Object.keys(own).filter((key) => key.startsWith(VAULT));
    return planner.plan({ annotations, vaultKeys }, [S0], () => {
      counted.prepared++;
      return [];
    });
  };
  return { planner, counted, plan };
}

describe("Planner.plan", () => {
  test.each([
    ["that carry nothing", {}],
    ["that carry what nobody else sets", { "acme.io/a": "1" }],
    ["that carry the same annotations of the injector", { [`${VAULT}log-level`]: "debug" }],
    ["that carry as many of them as are shared", { [`${VAULT}x`]: "v".repeat(16_384 - `${VAULT}x`.length) }],
  ])("pods %s share a plan from the third on", (_, own) => {
    const { counted, plan } = create();
    const plans = Array.from({ length: 4 }, () => plan(own));
    expect(plans[3]).toBe(plans[2] as (typeof plans)[number]);
    expect(counted.prepared).toBeLessThanOrEqual(2);
  });

  test("pods with other requests, or other annotations of the injector, have another plan", () => {
    const { counted, plan } = create();
    for (let i = 0; i < 3; i++) plan();
    const before = counted.prepared;
    plan({}, "other");
    plan({ [`${VAULT}log-level`]: "debug" });
    plan({ [`${VAULT}log-level`]: "trace" });
    expect(counted.prepared).toBe(before + 3);
  });

  test.each([
    ["random ids, which differ between pods", { ids: "random" as const }, {}],
    ["more annotations of the injector than are kept", {}, { [`${VAULT}x`]: "v".repeat(16_384) }],
  ])("%s: nothing is shared", (_, policy, own) => {
    const { counted, plan } = create(policy);
    for (let i = 0; i < 4; i++) plan(own);
    expect(counted.prepared).toBe(4);
  });
});

describe("Planner.planOver", () => {
  const carried = { annotations: { [S0]: "request" }, vaultKeys: [] };
  const layers = () => [toLayer({ kind: "plugin", name: "p", entry: 0 }, { "acme.io/cost": "1" })];

  test("pods for which plugins set the same share what lies on top as well", () => {
    const { planner, plan } = create();
    const over = Array.from({ length: 6 }, () => planner.planOver(plan(), layers(), carried));
    expect(over[5]).toBe(over[4] as (typeof over)[number]);
    expect(over[5]?.lines.folded.get("acme.io/cost")?.value).toBe("1");
  });

  test("a pod that carries such a key itself has a plan of its own", () => {
    const { planner, plan } = create();
    for (let i = 0; i < 5; i++) planner.planOver(plan(), layers(), carried);
    const own = { ...carried, annotations: { ...carried.annotations, "acme.io/cost": "own" } };
    const [one, two] = [planner.planOver(plan(), layers(), own), planner.planOver(plan(), layers(), own)];
    expect(two).not.toBe(one as never);
    expect(one?.patch.operations).not.toContain("acme.io~1cost");
  });

  test("without anything from plugins, the plan below is the plan", () => {
    const { planner, plan } = create();
    const base = plan();
    expect(planner.planOver(base, [], carried)).toBe(base);
  });

  test("a line of the configuration that a plugin replaces is not reported", () => {
    const key = `${VAULT}agent-limits-cpu`;
    const { webhook } = DEFAULT_SETTINGS;
    const vaultSecretManager = { ...webhook.vaultSecretManager, annotations: { [key]: "lots" } };
    const settings = { ...DEFAULT_SETTINGS, webhook: { ...webhook, vaultSecretManager } };
    const planner = createPlanner(settings, [PLUGIN], "hash", btoa);
    const codes = (value: string) => {
      const base = planner.plan(carried, [S0], () => []);
      const layer = toLayer({ kind: "plugin", name: "p", entry: 0 }, { [key]: value });
      return planner
        .planOver(base, [layer], carried)
        .found.list()
        .map(({ code }): string => code);
    };
    expect(
      planner
        .plan(carried, [S0], () => [])
        .found.list()
        .map(({ code }): string => code),
    ).toEqual(["annotation.value-injector"]);
    expect(codes("1")).toEqual([]);
    expect(codes("few")).toEqual(["annotation.value-injector"]);
  });
});

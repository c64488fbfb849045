/** Compares the running injector with what the configuration says of it, which checks and previews rely on. */
import { doctorIssues } from "../core/issue/doctor.ts";
import type { Issue } from "../core/issue/issue.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import {
  INJECTOR_FLAGS,
  type InjectorFlag,
  type InjectorFlags,
  judgeFlags,
  MODELLED_VERSION,
  toSettings,
} from "../injector/flags.ts";
import { readText } from "../preview/input/identify.ts";
import { parseYaml } from "../preview/input/yaml.ts";
import { type Chain, notChecked, toRow } from "./doctor-facts.ts";
import { readTexts, toList } from "./evidence.ts";

/** An injector as its Deployment runs it. */
interface RunningInjector {
  /** Tag of its image; `unknown` for a digest. */
  readonly version: string;
  /** Options and variables with a known value. */
  readonly flags: InjectorFlags;
  /** Variables whose value is in another object (`valueFrom`). */
  readonly hidden: ReadonlySet<string>;
}

/** What the configuration says of the injector. */
interface ConfiguredInjector {
  readonly version: string | undefined;
  readonly flags: InjectorFlags;
}

/** Checks the injector's version and options, alone and against the configuration. */
export function checkInjector({ deployments, configMaps }: Chain) {
  if (!deployments.ok) return notChecked(deployments.reason);
  const [running] = toList(deployments.value).flatMap(readInjector);
  if (!running) return notChecked("no Deployment runs vault-k8s here: it may run elsewhere");
  const { version, flags } = running;
  const { address } = toSettings(flags);
  const isAddressKnown = hasFlag(flags, INJECTOR_FLAGS.address);
  const configured = configMaps.ok ? readConfigured(configMaps.value) : undefined;
  const also = configured ? "" : "; not compared with a configuration, which could not be read";
  const set = ALL_FLAGS.filter(([, flag]) => hasFlag(flags, flag)).map(([, flag]) => nameOf(flag));
  const about = `vault-k8s ${version}, Vault at ${isAddressKnown ? address : "(unknown)"}, set: ${set.join(", ") || "nothing"}`;
  return toRow(`${about}${also}`, [
    ...(version === MODELLED_VERSION ? [] : [doctorIssues["doctor.injector-version"]({ version })]),
    ...(isAddressKnown && !/^(?:https?|unix):\/\//.test(address)
      ? [doctorIssues["doctor.injector-address"]({ value: address })]
      : []),
    // Another version may have options of its own.
    ...(version === MODELLED_VERSION ? judgeFlags(flags) : []).map(({ name, kind }) =>
      doctorIssues["doctor.injector-flag"]({ name, problem: describeProblem(name, kind) }),
    ),
    ...(configured ? compare(running, configured) : []),
  ]);
}

/** An unknown variable is ignored (envconfig); an unknown option ends the injector. */
function describeProblem(name: string, kind: "unknown" | "value"): string {
  if (kind === "value") return "has a value with which the injector does not start";
  return name.startsWith(VARIABLE)
    ? "is unknown, so it has no effect"
    : "is unknown, and the injector does not start with it";
}

/** @returns what the configuration sets to another value, and what it does not set although the injector differs from its defaults */
function compare(running: RunningInjector, configured: ConfiguredInjector): readonly Issue[] {
  const real: Readonly<Record<string, string>> = toSettings(running.flags);
  const assumed: Readonly<Record<string, string>> = toSettings(configured.flags);
  const differing = ALL_FLAGS.filter(
    ([key, flag]) => real[key] !== assumed[key] && !running.hidden.has(flag.variable),
  );
  const set = differing.filter(([, flag]) => hasFlag(configured.flags, flag));
  const unset = differing.filter(([, flag]) => !hasFlag(configured.flags, flag));
  const differs = [
    ...(configured.version !== undefined && configured.version !== running.version
      ? [`version ${configured.version} (running: ${running.version})`]
      : []),
    ...set.map(([key, flag]) => `${nameOf(flag)}${describe(flag, assumed[key] ?? "", real[key] ?? "")}`),
  ];
  return [
    ...(differs.length > 0
      ? [doctorIssues["doctor.injector-differs"]({ settings: differs.join(", ") })]
      : []),
    ...(unset.length > 0
      ? [
          doctorIssues["doctor.injector-unset"]({
            settings: unset.map(([, flag]) => nameOf(flag)).join(", "),
          }),
        ]
      : []),
  ];
}

/** A proxy's address may contain a password, and a certificate is long. */
const UNTOLD: readonly InjectorFlag[] = [INJECTOR_FLAGS.proxyAddress, INJECTOR_FLAGS.caCertBytes];

function describe(flag: InjectorFlag, assumed: string, real: string): string {
  return UNTOLD.includes(flag) ? "" : ` ${assumed || "(empty)"} (running: ${real || "(empty)"})`;
}

const ALL_FLAGS: readonly (readonly [key: string, InjectorFlag])[] = Object.entries(INJECTOR_FLAGS);

function nameOf({ name, variable }: InjectorFlag): string {
  return name ?? variable;
}

function hasFlag(flags: InjectorFlags, { name, variable }: InjectorFlag): boolean {
  return Object.hasOwn(flags, variable) || (name !== undefined && Object.hasOwn(flags, name));
}

function readInjector({ spec }: JsonObject): RunningInjector[] {
  const template = isObject(spec) && isObject(spec.template) ? spec.template : {};
  const containers = isObject(template.spec) ? toList(template.spec.containers) : [];
  return containers.flatMap((container) => {
    const [image, version] = /(?:^|\/)vault-k8s(?:@.*|:(.+))?$/.exec(readText(container, "image")) ?? [];
    if (image === undefined) return [];
    const variables = toList(container.env).filter(({ name }) => String(name).startsWith(VARIABLE));
    const texts = variables
      .filter(({ valueFrom }) => !isObject(valueFrom))
      .map((variable) => [readText(variable, "name"), readText(variable, "value")] as const);
    return [
      {
        version: version || "unknown",
        flags: { ...readArgs(container.args), ...Object.fromEntries(texts) },
        hidden: new Set(
          variables.filter(({ valueFrom }) => isObject(valueFrom)).map((one) => readText(one, "name")),
        ),
      },
    ];
  });
}

const VARIABLE = "AGENT_INJECT_";

/** Reads options as Go's `flag` package does: `-name=value`, `--name=value`, `-name value`, and `-name` for a boolean. */
function readArgs(args: unknown): Readonly<Record<string, string>> {
  const words = (Array.isArray(args) ? args : []).map(String);
  const options = words.flatMap((word, at): (readonly [string, string])[] => {
    const [, name = "", value] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "") return [];
    const isBool = ALL_FLAGS.some(([, flag]) => flag.name === name && flag.type === "bool");
    const next = words[at + 1];
    const isSeparate = value === undefined && !isBool && next !== undefined && !next.startsWith("-");
    return [[name, value ?? (isSeparate ? next : "true")]];
  });
  return Object.fromEntries(options);
}

/**
 * Reads the section `injector` of the configuration's files, merged in the order of their names. A value that a variable
 * provides is left out.
 *
 * @returns `undefined` if there is no ConfigMap, or a file cannot be read
 */
function readConfigured(configMaps: readonly unknown[]): ConfiguredInjector | undefined {
  const [configMap] = toList(configMaps);
  if (!configMap) return undefined;
  const files = Object.entries(readTexts(configMap.data)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sections = files.map(([, text]) => parseYaml(text));
  let configured: ConfiguredInjector = { version: undefined, flags: {} };
  for (const parsed of sections) {
    if (!parsed.ok) return undefined;
    for (const document of parsed.value) configured = merge(configured, document);
  }
  return configured;
}

function merge(before: ConfiguredInjector, document: unknown): ConfiguredInjector {
  const section = isObject(document) && isObject(document.injector) ? document.injector : {};
  const flags = Object.entries(isObject(section.flags) ? section.flags : {})
    .map(([name, value]) => [name, String(value)] as const)
    .filter(([, value]) => !value.includes("${"));
  return {
    version: readText(section, "version") || before.version,
    flags: { ...before.flags, ...Object.fromEntries(flags) },
  };
}

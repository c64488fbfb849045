// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source texts
/** Mutants that tests once missed. */

/** One change to one file, and the tests that notice it. */
export interface NamedMutant {
  /** What the replaced text is for. */
  readonly name: string;
  /** Path of the file, relative to the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** Test files, relative to the repository. */
  readonly tests: readonly string[];
}

/** @returns the source with the text replaced; nothing where the text does not stand in it exactly once */
export function replaceOnce(source: string, text: string, replacement: string): string | undefined {
  const [before, after, ...more] = source.split(text);
  if (before === undefined || after === undefined || more.length > 0) return undefined;
  return before + replacement + after;
}

/** Changes to one file that the same tests notice. */
function inFile(
  file: string,
  tests: readonly string[],
  changes: readonly (readonly [name: string, text: string, replacement: string])[],
): NamedMutant[] {
  return changes.map(([name, text, replacement]) => ({ name, file, text, replacement, tests }));
}

export const NAMED: readonly NamedMutant[] = [
  ...inFile(
    "src/core/plan/plan.ts",
    ["test/core/plan/plan.test.ts"],
    [
      ["a pod that sets what the platform sets keeps its own", " && carried === NOTHING_CARRIED;", ";"],
      ["a plugin's plan is not shared with a pod that has such a key itself", "!known || meets", "!known"],
      [
        "files that the configuration declares",
        "isCommon && !common.declaresFiles ? undefined",
        "isCommon ? undefined",
      ],
      ["a removed annotation is not an empty one: null", "`${entry}-`", "`${entry}+`"],
      ["a removed annotation is not an empty one: text", "`${entry}+`", "`${entry}-`"],
    ],
  ),
  ...inFile(
    "src/core/plan/common.ts",
    ["test/core/plan/plan.test.ts"],
    [
      [
        "a configuration's secret declares a file",
        "[VaultKeyPrefix.secret, VaultKeyPrefix.file,",
        "[VaultKeyPrefix.file,",
      ],
      [
        "a configuration's template declares a file",
        "VaultKeyPrefix.file, VaultKeyPrefix.template];",
        "VaultKeyPrefix.file];",
      ],
      ["any of the prefixes declares a file", "FILE_PREFIXES.some(", "FILE_PREFIXES.every("],
    ],
  ),
  ...inFile(
    "src/core/check/size.ts",
    ["test/core/check/size.test.ts"],
    [
      ["bytes of a UTF-16 unit", "MOST_BYTES_PER_UNIT = 3", "MOST_BYTES_PER_UNIT = 2"],
      ["bytes of the pod's own annotations", "annotationUnits * MOST_BYTES_PER_UNIT", "annotationUnits"],
      [
        "the last byte that fits, of the pod's own",
        "if (bytes <= ANNOTATIONS_LIMIT) return undefined;\n  return",
        "if (bytes < ANNOTATIONS_LIMIT) return undefined;\n  return",
      ],
      [
        "the last byte that fits, of all",
        "if (bytes <= ANNOTATIONS_LIMIT) return undefined;\n  const",
        "if (bytes < ANNOTATIONS_LIMIT) return undefined;\n  const",
      ],
    ],
  ),
  ...inFile(
    "src/core/pipeline.ts",
    ["test/core/check/annotation.test.ts"],
    [
      [
        "every annotation of a pod is looked at",
        "for (const key of pod.vaultKeys) {",
        "for (const key of pod.vaultKeys.slice(0, 500)) {",
      ],
    ],
  ),
  ...inFile(
    "src/core/pipeline.ts",
    ["test/core/pipeline.test.ts"],
    [
      [
        "after enough refused requests, the pod's own annotations are not checked",
        "if (planned.found.isFull) {",
        "if (false) {",
      ],
      [
        "after enough refused annotations, their values are not checked",
        "if (refused.isFull) {",
        "if (false) {",
      ],
    ],
  ),
  ...inFile(
    "src/core/plan/prepare.ts",
    ["test/core/plugin/waterfall.test.ts"],
    [["all requests are read if a plugin may repair them", "settings.plugins.length > 0", "false"]],
  ),
  ...inFile(
    "src/core/vault/reuse.ts",
    ["test/core/vault/reuse.test.ts"],
    [
      [
        "the first id is reused: order of the keys",
        "other === undefined || id < other",
        "other === undefined",
      ],
      ["the first id is reused: not the last", "id < other", "id > other"],
      ["an id of a template file is not reused", "if (id.startsWith(TEMPLATE_FILE)) continue;", ""],
    ],
  ),
  ...inFile(
    "src/core/check/file-collision.ts",
    ["test/core/vault/reuse.test.ts"],
    [
      [
        "what a pod carries twice is no collision",
        "if (servedPath !== undefined && Object.hasOwn(carried, owner) && carried[owner] === servedPath) continue;",
        "",
      ],
      ["what a pod carries twice is one where the secrets differ", " && carried[owner] === servedPath", ""],
    ],
  ),
  ...inFile(
    "src/core/admission/status.ts",
    ["test/core/warnings.test.ts"],
    [["room for the number of warnings that are left out", "MORE_RESERVE = 24", "MORE_RESERVE = 0"]],
  ),
  ...inFile(
    "src/core/plugin/call.ts",
    ["test/core/plugin/waterfall.test.ts"],
    [
      ["no plugin is called after its review", "this.#hasWaited && this.#review.signal?.aborted", "false"],
      ["a review's signal is not asked for before a plugin has waited", "this.#hasWaited && this", "this"],
      ["an answer that comes after its review is not waited for", "if (signal.aborted) late();", ""],
    ],
  ),
  ...inFile(
    "src/host/plugin/pool.ts",
    ["test/host/pool.test.ts"],
    [
      [
        "a call's time begins when a started thread gets it",
        "const { id } = this.#calls.add({ hook, wire, resolve, reject });",
        "const added = this.#calls.add({ hook, wire, resolve, reject });\n      const { id } = added;\n      added.timer = setTimeout(() => this.#overrun(id), this.#options.timeout);",
      ],
    ],
  ),
  ...inFile(
    "src/host/plugin/pending.ts",
    ["test/host/pool.test.ts"],
    [
      [
        "the time of a call that is sent again begins anew where its hook had not run",
        "if (!hasRun) {",
        "if (false) {",
      ],
    ],
  ),
  ...inFile(
    "src/host/plugin/pending.ts",
    ["test/host/sent-again.test.ts"],
    [
      [
        "the time of a call that is sent again goes on where its hook had run",
        "if (!hasRun) {",
        "if (true) {",
      ],
    ],
  ),
  ...inFile(
    "src/preview/input/rebase.ts",
    ["test/preview/input/rebase.test.ts"],
    [
      [
        "the whole pod is where it stands",
        'issue.path === "/" ? site.pointer || "/" : rebasePath(issue.path, site)',
        "rebasePath(issue.path, site)",
      ],
      ["the whole pod of a pod is not the empty path", 'site.pointer || "/"', "site.pointer"],
    ],
  ),
  ...inFile(
    "src/core/check/platform.ts",
    ["test/core/check/platform.test.ts"],
    [
      [
        "a mesh's own proxy that stays",
        'textOf(container, "name") === proxy',
        'textOf(container, "name") !== proxy',
      ],
    ],
  ),
  ...inFile(
    "src/core/check/name-collision.ts",
    ["test/core/check/name-collision.test.ts"],
    [["the containers that there are", "listed.push(name.slice(0, LONGEST_NAME));", ""]],
  ),
  ...inFile(
    "src/core/check/context.ts",
    ["test/core/check/context.test.ts"],
    [
      [
        "what would declare an id",
        "return `no agent-inject-secret-${suffix} or agent-inject-template-${suffix} declares the id`",
        "return undefined",
      ],
      [
        "an agent that can be quit listens",
        'caches || isOn(annotations, vaultKey("agent-enable-quit"), false)',
        'caches && isOn(annotations, vaultKey("agent-enable-quit"), false)',
      ],
      [
        "a ConfigMap decides in place of annotations",
        "!(context.hasConfigMap && OF_CONFIG.has(known.entry.name))",
        "true",
      ],
    ],
  ),
  ...inFile(
    "src/core/check/annotation.ts",
    ["test/core/check/annotation.test.ts"],
    [["the only name with all words but one", "candidates.length === 1 ?", "false ?"]],
  ),
  ...inFile(
    "src/core/vault/file.ts",
    ["test/core/vault/file.test.ts"],
    [
      ["bytes of an identity outside ASCII", "code > 0x7f", "code > 0xff"],
      ["bytes of an identity in ASCII", "code > 0x7f", "code <= 0x7f"],
    ],
  ),
  ...inFile(
    "src/core/vault/template.ts",
    ["test/core/vault/template.test.ts"],
    [["a colon at the end of a path of one segment", "slash < 0 ?", "false ?"]],
  ),
  ...inFile(
    "src/core/plan/audit.ts",
    ["test/core/plan/audit.test.ts"],
    [
      ["the path in the audit log", 'paths === "full" ?', "true ?"],
      [
        "the longest list of requests in the audit log",
        "length + text.length + 1, -1)",
        "length + text.length + 1, -2)",
      ],
    ],
  ),
  ...inFile(
    "src/core/plan/prepare.ts",
    ["test/core/pipeline.test.ts"],
    [
      [
        "a path is judged only where its text is well formed",
        "if (issues.total === 0) validateSecretPath",
        "validateSecretPath",
      ],
    ],
  ),
];

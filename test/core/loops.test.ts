/**
 * Every file of a review that loops over something a pod's author chooses, with the dimensions of `test/fixtures/hostile.ts` that
 * make its loops long; `growth.test.ts` bounds their time. A file that starts to loop needs a line here.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { DIMENSIONS } from "../fixtures/hostile.ts";

const SRC = join(import.meta.dir, "../../src");

/** By file, the dimensions that make its loops long. */
const BOUNDED: Readonly<Record<string, readonly string[]>> = {
  "core/admission/pod.ts": [
    "malformed annotations",
    "other annotations",
    "containers",
    "empty containers",
    "variables",
  ],
  "core/admission/status.ts": ["bad values", "unknown annotations", "empty requests"],
  "core/cache.ts": ["the same request", "valid requests"],
  "core/check/agent-config.ts": ["valid requests", "declared requests"],
  "core/check/annotation.ts": [
    "unknown annotations",
    "unknown annotations with dashes",
    "a long key of an annotation",
  ],
  "core/check/auth.ts": ["known annotations"],
  "core/check/carried.ts": ["files beside requests", "declared requests"],
  "core/check/change.ts": ["labels", "owners"],
  "core/check/file-collision.ts": ["files in each other's folders", "path segments", "parent segments"],
  "core/check/file.ts": ["modes and containers", "groups of a pod"],
  "core/check/finished.ts": ["known annotations"],
  "core/check/folder.ts": ["folders and containers", "slashes of a volume path"],
  "core/check/identity.ts": ["sources of a token volume", "containers"],
  "core/check/injection.ts": ["owners", "init containers with the agent's name"],
  "core/check/modelled.ts": ["folders and containers", "mounts at the secret path", "JSON operations"],
  "core/check/name-collision.ts": [
    "commas",
    "unknown container names",
    "commas and containers",
    "volumes with the injector's names",
  ],
  "core/check/platform.ts": ["containers"],
  "core/check/policy.ts": ["other annotations", "a long key of an annotation"],
  "core/check/request.ts": [
    "path segments of a group",
    "empty segments of a group",
    "control characters",
    "braces of a key",
  ],
  "core/check/secret-engine.ts": ["valid requests"],
  "core/check/size.ts": ["other annotations", "annotations over Kubernetes' limit"],
  "core/check/token.ts": ["sources of a token volume", "mounts at the secret path", "containers"],
  "core/check/variable.ts": [
    "variables of requests and containers",
    "variables of requests and of containers",
  ],
  "core/glob.ts": ["other annotations", "a long key of an annotation"],
  "core/issue/findings.ts": ["bad values", "empty requests"],
  "core/layer.ts": ["valid requests", "declared requests"],
  "core/nearest.ts": ["unknown annotations", "unknown annotations with dashes"],
  "core/patch/pointer.ts": ["a long key of an annotation", "valid requests"],
  "core/patch/render.ts": ["quotes to escape", "letters outside ASCII", "containers"],
  "core/pipeline.ts": ["empty requests", "other annotations", "valid requests"],
  "core/plan/audit.ts": ["a long role", "digits of a version", "valid requests"],
  "core/plan/lines.ts": ["valid requests", "declared requests"],
  "core/plan/plan.ts": ["valid requests", "the same request", "declared requests"],
  "core/plan/prepare.ts": ["valid requests", "the same request"],
  "core/printable.ts": ["control characters", "letters outside ASCII"],
  "core/secret/base32.ts": ["undecodable requests", "unreadable requests", "comments of a request"],
  "core/secret/codec.ts": [
    "empty requests in no order",
    "empty requests with names",
    "a long key of a request",
  ],
  "core/secret/text.ts": [
    "comments of a request",
    "pieces of a literal",
    "digits of a mount",
    "a field without an end",
  ],
  "core/secret/unquote.ts": ["escapes of a request"],
  "core/utf8.ts": ["letters outside ASCII", "a long key"],
  "core/vault/env.ts": [
    "our variables",
    "variables",
    "variables of requests and containers",
    "variables of requests and of containers",
  ],
  "core/vault/file.ts": ["valid requests", "path segments of a group"],
  "core/vault/reuse.ts": ["files beside requests", "declared requests"],
  "core/vault/template.ts": ["a long key", "dots of a key", "dots and dashes of a key", "letters to encode"],
  "core/vault/transformer.ts": ["valid requests"],
  "core/vault/variable.ts": ["variables of requests and containers"],
  "injector/agent.ts": ["features", "folders and containers"],
  "injector/auth.ts": ["known annotations"],
  "injector/base64.ts": ["a long role", "folders and containers"],
  "injector/config-size.ts": ["valid requests", "declared requests", "nested braces in a template"],
  "injector/defaults.ts": ["folders and containers", "commas and containers"],
  "injector/environment.ts": ["folders and containers"],
  "injector/go-codec.ts": ["containers", "nested JSON"],
  "injector/go-error.ts": ["nested JSON", "JSON operations"],
  "injector/go-json.ts": ["nested JSON", "JSON operations", "digits of a number"],
  "injector/go.ts": ["units of a duration"],
  "injector/indexed-annotations.ts": ["known annotations", "unknown annotations", "declared requests"],
  "injector/identifier.ts": ["dots of a key", "dots and dashes of a key"],
  "injector/inject.ts": ["folders and containers", "JSON operations"],
  "injector/json-patch-location.ts": ["JSON operations"],
  "injector/json-patch-value.ts": ["JSON operations", "nested JSON"],
  "injector/json-patch.ts": ["JSON operations", "nested JSON"],
  "injector/path.ts": ["slashes of a volume path", "path segments"],
  "injector/pod.ts": ["containers", "mounts at the secret path", "sources of a token volume"],
  "injector/quantity.ts": ["digits of a quantity"],
  "injector/reader.ts": ["known annotations", "folders and containers"],
  "injector/secret.ts": ["folders and containers", "declared requests"],
  "injector/telemetry.ts": ["folders and containers"],
  "injector/token.ts": ["mounts at the secret path", "sources of a token volume"],
  "injector/value.ts": ["features", "digits of a mode", "slashes of an auth path", "blanks of a level"],
  "injector/vocabulary.ts": ["unknown annotations", "known annotations"],
  "injector/volume.ts": ["folders and containers", "mounts at the secret path"],
};

/** Files whose loops the author of a pod cannot make long, and why. */
const SHORT: Readonly<Record<string, string>> = {
  "core/check/file-name.ts": "the names of one request",
  "core/check/resource.ts": "six annotations",
  "core/issue/define.ts": "the tables of issues, when the program starts",
  "core/issue/secret.ts": "one segment of a group, cut to 80 characters, for at most 100 issues",
  "core/json.ts": "at most the number of values that it is given",
  "core/outcome.ts": "the plugins and requests of a review, measured once",
  "core/plan/common.ts": "the configuration",
  "core/plan/explain.ts": "previews and the command line only, in a thread of their own",
  "core/plugin/answer.ts": "what a plugin answers; plugins are trusted, and have their own time",
  "core/plugin/turn.ts": "the plugins",
  "core/plugin/waterfall.ts": "the plugins, and what they answer",
  "core/plugin/when.ts":
    "the configuration's patterns; of groups at most 34 readings each (test/core/vault/readings.test.ts)",
  "core/plugin/wire.ts": "layers and files of a plan, rendered once for each",
  "core/secret/request.ts": "the kinds of mounts",
  "core/vault/readings.ts": "16 parts of a path (test/core/vault/readings.test.ts)",
  "core/vault/secret-file.ts": "the three annotations of a file",
  "core/vault/secret-engines.ts": "the table of engines, when the program starts",
  "injector/flags.ts": "the injector's options",
  "injector/lifecycle.ts": "a few parts of a command",
  "injector/resource.ts": "three kinds of resources",
  "injector/vault.ts": "six certificates and addresses",
};

const CALLBACKS =
  /^(?:map|filter|flatMap|forEach|some|every|find|findIndex|findLast|findLastIndex|reduce|reduceRight|sort|toSorted|toReversed|matchAll|split|join|replaceAll|from)$/;

/** Whether a module loops, and the modules that it imports when it runs. */
function read(file: string): { readonly loops: boolean; readonly imports: readonly string[] } {
  let loops = false;
  const imports: string[] = [];
  const loop = () => {
    loops = true;
  };
  const follow = (from: string) => {
    if (from.startsWith(".")) imports.push(join(dirname(file), from));
  };
  new Visitor({
    ForStatement: loop,
    ForInStatement: loop,
    ForOfStatement: loop,
    WhileStatement: loop,
    DoWhileStatement: loop,
    CallExpression: ({ callee }) => {
      const name = callee.type === "MemberExpression" && !callee.computed ? callee.property.name : "";
      if (CALLBACKS.test(name)) loops = true;
    },
    ImportDeclaration: ({ importKind, specifiers, source }) => {
      const isType =
        importKind === "type" || specifiers.every((one) => "importKind" in one && one.importKind === "type");
      if (!isType) follow(source.value);
    },
    ExportNamedDeclaration: ({ exportKind, source }) => {
      if (source && exportKind !== "type") follow(source.value);
    },
  }).visit(parseSync(file, readFileSync(file, "utf8")).program);
  return { loops, imports };
}

/** @returns the files that loop, of those that a review runs */
function listLooping(): string[] {
  const seen = new Set<string>();
  const looping: string[] = [];
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const { loops, imports } = read(file);
    if (loops) looping.push(relative(SRC, file));
    for (const name of imports) visit(name);
  };
  visit(join(SRC, "core/pipeline.ts"));
  return looping.toSorted();
}

describe("every file of a review that loops", () => {
  test("has a line here, and no other file does", () => {
    expect(Object.keys({ ...BOUNDED, ...SHORT }).toSorted()).toEqual(listLooping());
  });

  test("has dimensions that there are", () => {
    const names = new Set(DIMENSIONS.map(({ name }) => name));
    const unknown = Object.entries(BOUNDED).flatMap(([file, dimensions]) =>
      dimensions.filter((name) => !names.has(name)).map((name) => `${file}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});

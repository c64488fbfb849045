import { afterAll, describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { defineCommand } from "../../src/cli/command.ts";
import { loadAllCommands, loadCommands } from "../../src/cli/commands.ts";
import type { ServeRole } from "../../src/cli/deps.ts";
import { runCli } from "../../src/cli/main.ts";
import { createSnapshots } from "../../src/host/plugin/snapshot.ts";
import { createDeps } from "../../src/server/deps.ts";
import { createWorkplace } from "./harness.ts";

const COMMANDS = await loadAllCommands();
const place = createWorkplace();
afterAll(place.remove);

/** Arguments, the code of the issue, and a part of what is said. */
const REFUSALS: readonly (readonly [string, string, string])[] = [
  ["", "cli.command-missing", "Run `flyte-vault-webhook --help`"],
  ["--config x", "cli.command-missing", "No command given"],
  ["previw", "cli.command-unknown", "Did you mean preview?"],
  ["halp", "cli.command-unknown", "Did you mean help?"],
  ["frobnicate", "cli.command-unknown", 'Unknown command "frobnicate"'],
  ["config-check", "cli.command-unknown", "Did you mean config check?"],
  ["config", "cli.command-missing", "check, schema"],
  ["config chekc", "cli.command-unknown", "Did you mean config check?"],
  ["secrets enc", "cli.command-unknown", 'Unknown command "secrets enc"'],
  ["help previw", "cli.command-unknown", "Did you mean preview?"],
  ["help config chekc", "cli.command-unknown", "Did you mean config check?"],
  ["preview --ouptut json", "cli.option-unknown", "Did you mean --output?"],
  ["preview -x", "cli.option-unknown", "Unknown option -x for preview"],
  ["preview -o", "cli.option-value-missing", "-o OUTPUT"],
  ["preview -o --as-created", "cli.option-value-missing", "-o OUTPUT"],
  ["preview --output=", "cli.option-value-missing", "--output OUTPUT"],
  ["preview -o jsn", "cli.option-value", "Did you mean json?"],
  ["preview -o sarifs", "cli.option-value", "Use one of: yaml, json, patch, diff, table"],
  ["preview -o json -o yaml", "cli.option-twice", "-o is given more than once"],
  ["preview --as-created=yes", "cli.option-value-unwanted", '"yes"'],
  ["preview --fail-on info", "cli.option-value", "deny, error, warning"],
  ["preview pod.yaml", "cli.argument-unexpected", '"pod.yaml"'],
  ["preview", "cli.input-missing", "-f"],
  ["preview -f - -f -", "cli.input-twice", "Give -f - once"],
  ["secrets decode", "cli.input-missing", "secrets decode has nothing to read"],
  ["secrets encode --group g", "cli.option-missing", "secrets encode needs --key"],
  ["secrets encode --group g --key k --mount-requirement DISK", "cli.option-value", "ANY, FILE, ENV_VAR"],
  [
    "secrets encode --group g --key k -f x",
    "cli.options-exclusive",
    "-f and --group cannot be used together",
  ],
  ["secrets encode --group g --key k --name a/b", "cli.annotation-name", '"a/b"'],
  [`secrets encode --group g --key k --name ${"a".repeat(63)}`, "cli.annotation-name", "64 characters"],
  ["serve --role admin", "cli.option-value", "all, admission, management"],
  ["explain secret.bse32", "cli.code-unknown", "Did you mean secret.base32?"],
  ["explain base32", "cli.code-unknown", "Did you mean secret.base32?"],
  ["explain qqqqqqqq", "cli.code-unknown", "`flyte-vault-webhook explain` lists all codes"],
];

describe("runCli", () => {
  test.each(REFUSALS)("refuses `%s` with %s", async (line, issue, said) => {
    const { code, stdout, stderr, issues } = await place.run(line === "" ? [] : line.split(" "));
    expect({ code, stdout, issues }).toEqual({ code: 2, stdout: "", issues: [issue] });
    expect(stderr).toContain(said);
  });

  test("tells everything that is wrong with the arguments", async () => {
    const { code, issues } = await place.run([
      "preview",
      "-o",
      "jsn",
      "--fail-on",
      "never",
      "--as-created=1",
    ]);
    expect(code).toBe(2);
    expect(issues).toEqual(["cli.option-value", "cli.option-value", "cli.option-value-unwanted"]);
  });

  test("does not call the value of an unknown option an argument", async () => {
    expect((await place.run(["serve", "--rol", "all"])).issues).toEqual(["cli.option-unknown"]);
  });

  test("gives the version of package.json", async () => {
    const { code, stdout } = await place.run(["--version"]);
    expect([code, stdout]).toEqual([0, `flyte-vault-webhook ${manifest.version}\n`]);
  });
});

describe("loadCommands", () => {
  test.each(COMMANDS.map(({ name }) => [name]))("loads `%s` alone for its name", async (name) => {
    const loaded = await loadCommands([...name.split(" "), "--help"]);
    expect(loaded.map((command) => command.name)).toEqual([name]);
  });

  test("loads nothing for --version, and all where no command is named", async () => {
    expect(await loadCommands(["--version"])).toEqual([]);
    for (const argv of [[], ["--help"], ["config"], ["previw"], ["toString"], ["__proto__"]])
      expect(await loadCommands(argv)).toHaveLength(COMMANDS.length);
  });
});

describe("help", () => {
  test.each([["--help"], ["-h"], ["help"], ["help --help"]])("`%s` lists every command", async (line) => {
    const { code, stdout, stderr } = await place.run(line.split(" "));
    expect([code, stderr]).toEqual([0, ""]);
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}`, "m"));
  });

  test.each(COMMANDS.map(({ name }) => [name]))("of `%s` is the same in all its spellings", async (name) => {
    const words = name.split(" ");
    const { code, stdout } = await place.run(["help", ...words]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: flyte-vault-webhook ${name}`);
    for (const argv of [
      [...words, "--help"],
      [...words, "-h"],
      [...words, "--nonsense", "-h"],
    ]) {
      expect(await place.run(argv)).toMatchObject({ code: 0, stdout, stderr: "" });
    }
  });

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    "of `%s` names its options",
    async (name, { options }) => {
      const { stdout } = await place.run([...name.split(" "), "--help"]);
      for (const [option, { short }] of Object.entries(options)) {
        expect(stdout).toContain(short === undefined ? `      --${option}` : `  -${short}, --${option}`);
      }
    },
  );

  test.each(["config", "secrets"])("of the group `%s` lists its members", async (group) => {
    for (const argv of [
      ["help", group],
      [group, "--help"],
      [group, "-h"],
    ]) {
      const { code, stdout } = await place.run(argv);
      expect(code).toBe(0);
      expect([...stdout.matchAll(/^ {2}(\w+ \w+) /gm)].map(([, name]) => name)).toEqual(
        COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(`${group} `)),
      );
    }
  });

  test("wraps at a hundred columns", async () => {
    const { stdout } = await place.run(["serve", "--help"]);
    const options = stdout.slice(stdout.indexOf("Options:"), stdout.indexOf("The role"));
    expect(Math.max(...options.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe("serve", () => {
  test.each([
    ["serve", "all", ["config/webhook.yaml"]],
    ["serve --role management", "management", ["config/webhook.yaml"]],
    ["serve --role ADMISSION --config a --config b/*.yaml", "admission", ["a", "b/*.yaml"]],
  ])("`%s` serves the role %s", async (line, role, paths) => {
    const asked: { configPaths: readonly string[]; role: ServeRole }[] = [];
    const serve = async (options: { configPaths: readonly string[]; role: ServeRole }) => {
      asked.push(options);
      return 7;
    };
    const { code } = await place.run(line.split(" "), { deps: { serve } });
    expect(code).toBe(7);
    expect(asked.map((options) => options.role as string)).toEqual([role]);
    expect(asked[0]?.configPaths).toEqual(paths.map((path) => `${place.folder}/${path}`));
  });

  test.each([
    ["cli.system", Object.assign(new Error("listen EADDRINUSE"), { syscall: "listen" }), ""],
    ["cli.defect", new Error("oops"), "oops"],
  ])("tells what is thrown as %s", async (issue, error, stack) => {
    const serve = () => Promise.reject(error);
    const { code, issues, stderr } = await place.run(["serve"], { deps: { serve } });
    expect([code, issues]).toEqual([2, [issue]]);
    expect(stderr).toContain(stack);
  });
});

describe("defineCommand", () => {
  test("hands over typed values, and lets `--` end the options", async () => {
    const seen: unknown[] = [];
    const greet = defineCommand({
      name: "greet",
      summary: "Greets",
      usage: "",
      about: "",
      options: {
        name: { type: "text", value: "NAME", summary: "Whom", default: "you" },
        loud: { type: "flag", short: "l", summary: "How" },
        also: { type: "list", value: "NAME", summary: "Others" },
        tone: { type: "text", value: "TONE", summary: "How", choices: ["Warm", "Cold"] },
      },
      takesPositionals: true,
      run: async ({ values, positionals }) => {
        const typed: {
          name: string;
          loud: boolean;
          also: readonly string[];
          tone: "Warm" | "Cold" | undefined;
        } = values;
        seen.push(typed.name, typed.loud, typed.also, typed.tone, positionals);
        return 0;
      },
    });
    const io = {
      stdout: () => {},
      stderr: () => {},
      readStdin: async function* () {},
      env: {},
      cwd: "/",
      isTerminal: { stdin: false, stderr: false },
    };
    const argv = ["greet", "-l", "--also=a", "--tone", "warm", "--also", "-", "one", "--", "--help"];
    expect(
      await runCli(
        argv,
        io,
        createDeps(() => Promise.reject(new Error()), createSnapshots()),
        [greet],
      ),
    ).toBe(0);
    expect(seen).toEqual(["you", true, ["a", "-"], "Warm", ["one", "--help"]]);
  });
});

describe("colour", () => {
  test.each([
    [{ stderr: true }, {}, true],
    [{ stderr: true }, { NO_COLOR: "1" }, false],
    [{ stderr: true }, { NO_COLOR: "" }, true],
    [{ stderr: false }, {}, false],
  ])("on %j with %j: %p", async (isTerminal, env, coloured) => {
    const { stderr } = await place.run(["previw"], { isTerminal, env });
    expect(stderr.startsWith(coloured ? "\u001b[1;31merror[cli.command-unknown]\u001b[0m:" : "error[")).toBe(
      true,
    );
  });

  test("is ours alone: what others write is escaped", async () => {
    const { stderr } = await place.run(["explain", "\u001b[31mred\nline"], { isTerminal: { stderr: true } });
    expect(stderr.split("\n")).toHaveLength(3);
    expect(stderr.split("\u001b").length).toBe(3);
  });
});

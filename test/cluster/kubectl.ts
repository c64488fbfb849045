/**
 * A stand-in for kubectl that answers `get` from a file and forwards ports as kubectl does, with its own lines. In the tests'
 * clusters there is no kubelet, so the real one cannot forward.
 */
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

/** What a forwarded port leads to, or how kubectl fails. */
export type Forward =
  | { readonly to: number }
  /** Its message, with which it ends. */
  | { readonly says: string }
  /** It opens the port, and its first connection fails in the pod. */
  | { readonly lost: string }
  /** It says nothing, and does not end. */
  | { readonly hangs: true };

/** Answers of the stand-in, by the words of the command. */
export interface Answers {
  /** Objects by the kind that is read, such as `pods`; a text is kubectl's error message. */
  readonly get: Readonly<Record<string, readonly object[] | string>>;
  /** Forwarded ports by `pod/NAME:PORT` or `service/NAME:PORT`. */
  readonly forward: Readonly<Record<string, Forward>>;
}

/** @returns the script to put on PATH as `kubectl`; it reads `answers.json` in its folder */
export function renderKubectl(folder: string): string {
  return `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dir, "kubectl.ts")}' '${folder}' "$@"\n`;
}

function main([folder = "", ...words]: readonly string[]): void {
  const answers: Answers = JSON.parse(readFileSync(join(folder, "answers.json"), "utf8"));
  const [verb, kind = ""] = words;
  if (verb === "port-forward") forward(words, answers);
  else if (verb === "version") print({ serverVersion: { gitVersion: "v1.37.2" } });
  else {
    const found = verb === "get" ? answers.get[kind] : "error: not answered in this test";
    if (typeof found === "string") fail(found);
    print({ kind: "List", items: found ?? [] });
  }
}

function forward(words: readonly string[], { forward: ports }: Answers): void {
  const target = words.find((word) => /^(?:pod|service)\//.test(word)) ?? "";
  const port = words.at(-1)?.replace(/^:/, "") ?? "";
  const answer = ports[`${target}:${port}`] ?? {
    says: `Error from server (NotFound): ${target} not found`,
  };
  if ("says" in answer) fail(answer.says);
  else if ("hangs" in answer) setInterval(() => {}, 1_000);
  else listen(answer, port);
}

function listen(answer: { readonly to: number } | { readonly lost: string }, port: string): void {
  const server = createServer((client) => {
    process.stdout.write(`Handling connection for ${address()}\n`);
    if ("lost" in answer) {
      const at = "E1126 08:00:00.000000       1 portforward.go:424]";
      process.stderr.write(`${at} "Unhandled Error" err="${answer.lost}"\n`);
      client.destroy();
      fail("error: lost connection to pod");
    } else pipeBoth(client, connect(answer.to, "127.0.0.1"));
  });
  const address = (): number => {
    const bound = server.address();
    return typeof bound === "object" && bound !== null ? bound.port : 0;
  };
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`Forwarding from 127.0.0.1:${address()} -> ${port}\n`);
  });
}

function pipeBoth(client: Socket, upstream: Socket): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.pipe(other);
  }
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (import.meta.main) main(process.argv.slice(2));

/** Hostile requests to a running server, with good ones beside them: none of those late or lost, and no lasting effect. */
import { strict as assert } from "node:assert";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { listAttacks } from "../fixtures/attacks.ts";
import { DIMENSIONS, renderHostile } from "../fixtures/hostile.ts";
import { type Command, renderReview, type Server, TOKEN, withServer } from "./server.ts";

/** Far below the deadline (8 s of 10 s); what a loaded machine with two cores can keep. */
const WORST_MS = 2_000;
const PAUSE_MS = 20;
/** What an answer must never contain: a stack trace, a path of ours, a runtime's own error page. */
const INTERNAL = /node_modules|\.ts\b|\.js\b|at \w+ \(|<!doctype|file:\/\//i;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends bytes as they are. @returns everything that came back until the server closed or the time was over */
function sendRaw(
  port: number,
  text: string,
  { tls = false, ms = 1_500, leave = false } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = tls
      ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
      : connectPlain(port, "127.0.0.1");
    let answer = "";
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(end, ms);
    socket.setEncoding("utf8").on("data", (data) => (answer += data));
    socket
      .on("error", () => {})
      .on("close", () => {
        clearTimeout(timer);
        resolve(answer);
      });
    socket.once(tls ? "secureConnect" : "connect", () => {
      socket.write(text);
      if (leave) setTimeout(end, 50);
    });
  });
}

const BAD_HOSTS = ["a b", "", "a/b", "[::1", "a@b", "%zz", "ex?ample", "ex#ample", "a:b", "<script>", "a\\b"];

/** Runs attacks while good reviews are sent. */
async function besideGood({ review }: Server, attack: () => Promise<void>): Promise<void> {
  let isOver = false;
  const times: number[] = [];
  const good = (async () => {
    while (!isOver) {
      const start = performance.now();
      assert.match(await review(renderReview()), /"allowed":true/);
      times.push(performance.now() - start);
      await sleep(PAUSE_MS);
    }
  })();
  try {
    await Promise.race([attack(), good]);
  } finally {
    isOver = true;
  }
  await good;
  assert(times.length > 3, `only ${times.length} good reviews were sent`);
  assert(Math.max(...times) < WORST_MS, `a good review took ${Math.max(...times)} ms`);
}

/** Fails where a hostile request is answered with more than a refusal, or changes how the next is served. */
export function checkHostile(command: Command): Promise<void> {
  return withServer(command, {}, async (server) => {
    const { ports, metrics, preview } = server;
    await besideGood(server, async () => {
      await checkHosts(ports);
      await checkForeignHosts(ports.management);
      await checkSlowBodies(ports, preview);
      await checkChunked(ports.management);
      await checkReloads(server);
    });
    await untilIdle(metrics);
    assert.match(
      await preview("secrets: [{ group: secret/data/team, key: api_key }]"),
      /agent-inject-secret-/,
    );
    assert.match(await metrics(), /_detached_failures_total 0$/m);
    assert.doesNotMatch(server.log(), /"defect"/);
  });
}

/** A malformed host is a 400 for every route, whether its client waits for the answer or not. */
async function checkHosts(ports: Server["ports"]): Promise<void> {
  for (const [port, tls, path] of [
    [ports.admission, true, "/mutate?timeout=1s"],
    [ports.management, false, "/preview"],
    [ports.management, false, "/healthz"],
  ] as const) {
    const answers = await Promise.all(
      BAD_HOSTS.flatMap((host) => {
        const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\ncontent-type: application/json\r\n`;
        return [
          sendRaw(port, `${head}content-length: 2\r\nconnection: close\r\n\r\n{}`, { tls }),
          sendRaw(port, `${head}content-length: 100\r\n\r\n{`, { tls, leave: true }),
        ];
      }),
    );
    for (const answer of answers) assert.doesNotMatch(answer, INTERNAL);
    answers.forEach((answer, i) => {
      if (i % 2 === 0) assert.match(answer, /^HTTP\/1\.1 400 /, `${path} with the host ${BAD_HOSTS[i / 2]}`);
    });
  }
}

/** A name that was rebound to this machine is not answered where browsers ask; probes are, under any name. */
async function checkForeignHosts(port: number): Promise<void> {
  const ask = (method: string, path: string, host: string) =>
    sendRaw(
      port,
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
  for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"]) {
    assert.match(await ask("POST", "/preview", host), /^HTTP\/1\.1 403 [\s\S]*http\.host-foreign/);
    assert.match(await ask("GET", "/healthz", host), /^HTTP\/1\.1 200 /);
    assert.match(await ask("GET", "/readyz", host), /^HTTP\/1\.1 200 /);
    assert.match(await ask("GET", "/metrics", host), /^HTTP\/1\.1 200 /);
  }
  for (const host of ["localhost", "preview.localhost:8080", "127.0.0.1", "10.1.2.3:8080", "[::1]:8080"]) {
    assert.match(await ask("POST", "/preview", host), /^HTTP\/1\.1 400 [\s\S]*preview\.empty/);
  }
}

/** Bodies that do not arrive keep no place: not of reviews, and not of previews. */
async function checkSlowBodies(ports: Server["ports"], preview: Server["preview"]): Promise<void> {
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
  const slow = [
    ...Array.from({ length: 10 }, () => sendRaw(ports.management, head("/preview"), { ms: 3_000 })),
    ...Array.from({ length: 10 }, () =>
      sendRaw(ports.admission, head("/mutate?timeout=1s"), { tls: true, ms: 3_000 }),
    ),
  ];
  await sleep(100);
  const start = performance.now();
  assert.match(await preview("secrets: [{ group: secret/data/team, key: api_key }]"), /agent-inject-secret-/);
  assert(performance.now() - start < WORST_MS + 1_000, "a preview waited for slow bodies");
  const answers = await Promise.all(slow);
  for (const answer of answers.slice(10)) assert.match(answer, /^HTTP\/1\.1 408 /);
}

/** A body without a length, in pieces. */
async function checkChunked(port: number): Promise<void> {
  const body = "secrets: [{ group: secret/data/team, key: api_key }]";
  const chunks = [...body.matchAll(/[\s\S]{1,7}/g)].map(
    ([part]) => `${part.length.toString(16)}\r\n${part}\r\n`,
  );
  const head = `POST /preview HTTP/1.1\r\nHost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`;
  const answer = await sendRaw(port, `${head}${chunks.join("")}0\r\n\r\n`, { ms: 5_000 });
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*"allowed":true/);
  const large = `${"a".repeat(0x10000)}`;
  const tooLarge = Array.from({ length: 17 }, () => `10000\r\n${large}\r\n`).join("");
  const refused = await sendRaw(port, `${head}${tooLarge}0\r\n\r\n`, { ms: 5_000 });
  // A client that still sends when the connection is closed may not get to read the answer.
  assert.match(refused, /^(HTTP\/1\.1 413 |$)/);
}

/** Changed configurations that take seconds to parse, or that are too large to be read. */
async function checkReloads({ write, log }: Server): Promise<void> {
  const flow = "{a: [b]}, ".repeat(90_000);
  for (const [text, code] of [
    [`policy: { denied: [${flow}] }`, "config.too-large"],
    [`# ${" ".repeat(2 * 1024 * 1024)}`, "config.file-too-large"],
  ] as const) {
    write("webhook.yaml", text);
    for (let i = 0; i < 300 && !log().includes(`"${code}"`); i++) await sleep(100);
    assert(log().includes(`"${code}"`), `the reload did not end with ${code}`);
  }
}

async function untilIdle(metrics: Server["metrics"]): Promise<void> {
  for (let i = 0; i < 50; i++) {
    if (/_admission_in_flight 0$/m.test(await metrics())) return;
    await sleep(100);
  }
  throw new Error("requests were still counted as in flight after five seconds");
}

/**
 * Pods that were attacks once, and each with much of one thing: all are answered, those past `hardened` are refused, and previews of
 * them hold nobody up.
 */
export function checkHostilePods(command: Command): Promise<void> {
  return withServer(command, { "webhook.yaml": "policy: { profile: hardened }\n" }, async (server) => {
    const { review, preview, metrics, log } = server;
    const attacks = await listAttacks();
    await besideGood(server, async () => {
      for (const { name, create, inAnnotations } of DIMENSIONS) {
        const answer = await review(renderHostile(create(inAnnotations ? 200_000 : 500_000)));
        assert.match(answer, /"allowed":(?:true|false)/, name);
      }
      for (const { name, pod, isRefused } of attacks) {
        const answer = await review(renderHostile({ object: pod, requests: 1 }));
        assert.match(answer, isRefused ? /"allowed":false/ : /"allowed":true/, name);
        assert.doesNotMatch(answer, INTERNAL, name);
      }
      for (const { name, pod } of attacks.slice(0, 4)) {
        assert.match(await preview(JSON.stringify(pod)), /preview\.refused|refused/, name);
      }
    });
    await untilIdle(metrics);
    assert.match(await metrics(), /_detached_failures_total 0$/m);
    assert.doesNotMatch(log(), /"defect"/);
  });
}

/** A closing terminal's SIGHUP ends the server as SIGTERM does: after a drain, with exit code 0. */
export function checkHangUp(command: Command): Promise<void> {
  return withServer(command, {}, async ({ signal, log }) => {
    signal("SIGHUP");
    for (let i = 0; i < 100 && !log().includes('"stopped"'); i++) await sleep(100);
    assert.match(log(), /"stopping"[\s\S]*SIGHUP[\s\S]*"stopped"/);
  });
}

/** A load generator that costs little: raw TLS sockets with keep-alive, requests written beforehand. */
import { connect, type TLSSocket } from "node:tls";

/** What one run of load measured. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** CPU time of the server for one request. */
  readonly cpuMicros: number;
}

const CONNECTIONS = 16;

/**
 * Loads a server on this machine for some time.
 *
 * @param bodies sent in turn
 * @param seconds how long
 */
export async function load(port: number, bodies: readonly string[], seconds: number): Promise<Measured> {
  const requests = bodies.map(toRequest);
  const latencies: number[] = [];
  const before = await readCpu(port);
  const start = performance.now();
  const end = start + seconds * 1_000;
  let next = 0;
  const take = () => requests[next++ % requests.length] ?? new Uint8Array();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      runConnection(port, take, latencies, () => performance.now() < end),
    ),
  );
  const elapsed = (performance.now() - start) / 1_000;
  const after = await readCpu(port);
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: latencies.length / elapsed,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    cpuMicros: (after - before) / latencies.length,
  };
}

function toRequest(body: string): Uint8Array {
  const bytes = new TextEncoder().encode(body);
  const head = `POST /mutate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

async function runConnection(
  port: number,
  take: () => Uint8Array,
  latencies: number[],
  goOn: () => boolean,
): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const read = createReader(socket);
  while (goOn()) {
    const sent = performance.now();
    socket.write(take());
    const status = await read();
    if (status !== "200") throw new Error(`the server answered ${status}`);
    latencies.push(performance.now() - sent);
  }
  socket.destroy();
}

/** Reads one response and gives its status. */
function createReader(socket: TLSSocket): () => Promise<string> {
  let text = "";
  let done: ((status: string) => void) | undefined;
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    const status = text.slice(9, 12);
    text = text.slice(head + 4 + length);
    done?.(status);
  });
  return () => new Promise((resolve) => (done = resolve));
}

async function readCpu(port: number): Promise<number> {
  const response = await fetch(`https://127.0.0.1:${port}/cpu`, { tls: { rejectUnauthorized: false } });
  const { user, system } = (await response.json()) as { user: number; system: number };
  return user + system;
}

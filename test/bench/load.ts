/** A load generator that costs little: raw TLS sockets with keep-alive, requests written beforehand. */
import { connect } from "node:tls";
import type { Target } from "./target.ts";

/** What one run of load measured. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** CPU time of the server for one request, all of its threads together. */
  readonly cpuMicros: number;
}

const CONNECTIONS = 16;

/** @returns a whole HTTP request with a review. */
export function toRequest(body: string): Uint8Array {
  const bytes = Buffer.from(body);
  const head = `POST /mutate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/**
 * Loads a server for some time.
 *
 * @param take the next request; each connection sends one after the other
 */
export async function load(target: Target, take: () => Uint8Array, seconds: number): Promise<Measured> {
  const latencies: number[] = [];
  const before = target.cpuMicros();
  const start = performance.now();
  const end = start + seconds * 1_000;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () => runConnection(target.port, take, latencies, end)),
  );
  const elapsed = (performance.now() - start) / 1_000;
  const cpu = target.cpuMicros() - before;
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: latencies.length / elapsed,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    cpuMicros: cpu / latencies.length,
  };
}

/** One request after the other until the end; rejects for any answer but 200. */
function runConnection(
  port: number,
  take: () => Uint8Array,
  latencies: number[],
  end: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.setNoDelay(true);
    let sent = 0;
    /** Bytes of the answer that are still to come; unknown before its head. */
    let missing: number | undefined;
    const send = () => {
      missing = undefined;
      sent = performance.now();
      socket.write(take());
    };
    socket.once("secureConnect", send).once("error", reject);
    socket.on("data", (chunk: Buffer) => {
      missing = (missing ?? toLength(chunk, reject)) - chunk.length;
      if (missing > 0) return;
      const now = performance.now();
      latencies.push(now - sent);
      if (now < end) return send();
      socket.destroy();
      resolve();
    });
  });
}

/** Bytes of an answer, head and body; its head comes in one piece. */
function toLength(chunk: Buffer, reject: (error: Error) => void): number {
  const end = chunk.indexOf("\r\n\r\n") + 4;
  const head = chunk.toString("latin1", 0, end);
  if (!head.startsWith("HTTP/1.1 200")) reject(new Error(`the server answered ${head}`));
  return end + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

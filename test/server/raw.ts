/** Requests byte by byte, as no client library would send them. */
import { connect, type TLSSocket } from "node:tls";

/** A connection that shows what came back. */
export interface RawConnection {
  readonly write: (text: string | Uint8Array) => void;
  /** Resolves with everything received once `pattern` is in it, or the connection has ended. */
  readonly until: (pattern: RegExp) => Promise<string>;
  readonly isClosed: () => boolean;
  readonly end: () => void;
}

/** Opens a TLS connection to this machine. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket: TLSSocket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  let text = "";
  let closed = false;
  let check = () => {};
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    check();
  });
  for (const event of ["close", "error", "end"]) {
    socket.on(event, () => {
      closed = true;
      check();
    });
  }
  return {
    write: (data) => void socket.write(data),
    until: (pattern) =>
      new Promise((resolve) => {
        check = () => {
          if (pattern.test(text) || closed) resolve(text);
        };
        check();
      }),
    isClosed: () => closed,
    end: () => void socket.destroy(),
  };
}

/** The head of a POST to /mutate. */
export function headOf(length: number, { timeout = "10s", more = "" } = {}): string {
  return `POST /mutate?timeout=${timeout} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;
}

/** A whole request. */
export function requestOf(body: string): string {
  return headOf(Buffer.byteLength(body)) + body;
}

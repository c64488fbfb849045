/** Makes a TLS handshake with a webhook's server, as the API server would, to read its certificate. */
import { connect, type PeerCertificate } from "node:tls";

/** Where to connect, and which certificate to expect. */
export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  /** Name that the API server expects in the certificate: `SERVICE.NAMESPACE.svc`, or the host of a URL. */
  readonly serverName: string;
  /** PEM of the CAs that the API server trusts. */
  readonly ca: string;
}

/** The server's certificate. */
export interface Probed {
  /** Why the API server would not trust the certificate; absent if it would. */
  readonly untrusted?: string;
  /** End of its validity, milliseconds since the epoch. */
  readonly notAfter: number;
  readonly day: string;
}

const PATIENCE_MS = 5_000;
/** The error's code where only the name is wrong; the names of the certificate say more. */
const WRONG_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";

/** @returns the certificate, or why the handshake failed */
export function probeServer({ host, port, serverName, ca }: ProbeOptions): Promise<Probed | string> {
  return new Promise((resolve) => {
    // Accept any certificate, to read it; whether it is trusted is checked afterwards. No data is sent.
    const socket = connect({
      host,
      port,
      servername: toServerName(serverName),
      ca,
      rejectUnauthorized: false,
    });
    const end = (result: Probed | string) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(PATIENCE_MS, () => end("no answer within 5 s"));
    socket.on("error", (error) => end(error.message));
    socket.on("secureConnect", () => {
      const certificate = socket.getPeerCertificate();
      if (!certificate.valid_to) return end("it presents no certificate");
      const error = String(socket.authorizationError ?? "");
      const wrongName = checkName(certificate, serverName);
      const untrusted = socket.authorized
        ? wrongName
        : error.includes(WRONG_NAME)
          ? (wrongName ?? error)
          : error;
      const notAfter = Date.parse(certificate.valid_to);
      const day = new Date(notAfter).toISOString().slice(0, 10);
      end({ notAfter, day, ...(untrusted !== undefined && { untrusted }) });
    });
  });
}

/** An IP address is not allowed as a server name (RFC 6066, section 3). */
function toServerName(name: string): string {
  return /^[\d.]+$|:/.test(name) ? "" : name;
}

function checkName({ subjectaltname = "" }: PeerCertificate, name: string): string | undefined {
  const names = subjectaltname.split(", ").map((each) => each.replace(/^(?:DNS|IP Address):/, ""));
  const wildcard = `*.${name.slice(name.indexOf(".") + 1)}`;
  return names.includes(name) || names.includes(wildcard)
    ? undefined
    : `it is for ${names.join(", ")}, not ${name}`;
}

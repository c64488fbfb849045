/** `certs`: files that fit together, judged by the runtime's own X.509 code, and none of them lost. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { createWorkplace, type Workplace } from "./harness.ts";

const SERVICE = "flyte-vault-webhook.flyte-vault-webhook.svc";
const FILES = ["ca.crt", "ca.key", "tls.crt", "tls.key"];
const DAY_MS = 86_400_000;

let place: Workplace;
beforeEach(() => {
  place = createWorkplace();
});
afterEach(() => place.remove());

const read = (name: string) => readFileSync(join(place.folder, "tls", name), "utf8");
const readAll = () => FILES.map(read);
const certs = (...args: string[]) => place.run(["certs", "--out", "tls", ...args]);

describe("certs", () => {
  test("writes a CA, and a certificate by it for the Service, with its key", async () => {
    expect(await certs()).toMatchObject({ code: 0, stderr: "" });
    const [ca, server] = [new X509Certificate(read("ca.crt")), new X509Certificate(read("tls.crt"))];
    expect([ca.ca, server.ca]).toEqual([true, false]);
    expect([server.verify(ca.publicKey), server.checkIssued(ca)]).toEqual([true, true]);
    expect(server.subjectAltName).toBe(`DNS:${SERVICE}`);
    expect(server.checkHost(SERVICE, { subject: "never" })).toBe(SERVICE);
    expect(server.checkPrivateKey(createPrivateKey(read("tls.key")))).toBe(true);
    expect(ca.checkPrivateKey(createPrivateKey(read("ca.key")))).toBe(true);
    const days = (Date.parse(server.validTo) - Date.now()) / DAY_MS;
    expect(days).toBeWithin(364.9, 365.1);
  });

  test("keeps keys from everybody else", async () => {
    await certs();
    expect(readdirSync(join(place.folder, "tls")).toSorted()).toEqual(FILES);
    const modes = FILES.map((name) => statSync(join(place.folder, "tls", name)).mode & 0o777);
    expect(modes.filter((mode) => (mode & 0o077) !== 0)).toHaveLength(2);
    expect([modes[1], modes[3]]).toEqual([0o600, 0o600]);
  });

  test.each([
    ["a new folder", "tls", undefined],
    ["the checkout's own folder", ".", "*.log"],
    ["a folder that lets keys in again", "tls", "*.pem\n!*.key\n"],
    ["a folder that has the lines, and then another", "tls", "/ca.key*\n/tls.key*\n!/ca.key\n"],
  ])("in a git checkout, git adds no key: %s", async (_, out, before) => {
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    if (before !== undefined) place.write(join(out, ".gitignore"), before);
    const made = await place.run(["certs", "--out", out]);
    const ignore = join(place.folder, out, ".gitignore");
    expect([made.code, made.stdout.split("\n")[0]]).toEqual([0, ignore]);
    expect((await place.run(["certs", "--out", out, "--renew"])).stdout).not.toContain(".gitignore");
    expect(readFileSync(ignore, "utf8")).toStartWith(before ?? "");
    expect(readFileSync(ignore, "utf8")).toMatch(/(?:^|\n)\/ca\.key\*\n\/tls\.key\*\n$/);
    // A machine without git adds nothing; in CI, git itself is asked.
    if (Bun.which("git") === null && !process.env.CI) return;
    const git = (...args: string[]) => execFileSync("git", args, { cwd: place.folder, encoding: "utf8" });
    git("init", "-q");
    git("add", "--all");
    const added = git("ls-files").trim().split("\n");
    expect(added.filter((name) => name.includes(".key"))).toEqual([]);
    expect(added).toContain(join(out, "ca.crt"));
  });

  test("tells the files and the registration's caBundle", async () => {
    const { stdout } = await certs();
    const lines = stdout.split("\n");
    expect(lines.slice(0, 4)).toEqual(FILES.map((name) => join(place.folder, "tls", name)));
    expect(parse(lines.at(-2) ?? "")).toEqual({ caBundle: btoa(read("ca.crt")) });
    expect(stdout).not.toContain("PRIVATE KEY");
  });

  test("is for the names, and as long, as it is asked to be", async () => {
    const names = ["--service", "hook", "-n", "flyte", "--dns", "localhost", "--dns", "127.0.0.1"];
    await certs(...names, "--days", "7");
    const server = new X509Certificate(read("tls.crt"));
    expect(server.subjectAltName).toBe("DNS:hook.flyte.svc, DNS:localhost, IP Address:127.0.0.1");
    expect((Date.parse(server.validTo) - Date.now()) / DAY_MS).toBeWithin(6.9, 7.1);
  });

  test("--secret prints a manifest without the CA's key, the caBundle beside it", async () => {
    const { stdout, code } = await certs("--secret", "flyte-vault-webhook-tls", "--namespace", "flyte");
    expect(code).toBe(0);
    const { data, ...rest } = parse(stdout);
    expect(rest).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name: "flyte-vault-webhook-tls", namespace: "flyte" },
    });
    const files = Object.entries<string>(data).map(([name, value]) => [name, atob(value)]);
    expect(files).toEqual(["ca.crt", "tls.crt", "tls.key"].map((name) => [name, read(name)]));
    expect(stdout).toContain(`\n# caBundle: ${btoa(read("ca.crt"))}\n`);
  });

  test("leaves files that exist alone, and writes none beside them", async () => {
    place.write("tls/tls.key", "mine");
    expect(await certs()).toMatchObject({ code: 2, stdout: "", issues: ["tls.file-exists"] });
    expect([readdirSync(join(place.folder, "tls")), read("tls.key")]).toEqual([["tls.key"], "mine"]);
  });

  test("--renew keeps the CA, --force keeps nothing", async () => {
    await certs();
    const [ca, caKey, cert, key] = readAll();
    const renewed = await certs("--renew");
    expect(renewed.stdout.split("\n").slice(0, 2)).toEqual(
      FILES.slice(2).map((name) => join(place.folder, "tls", name)),
    );
    expect([read("ca.crt"), read("ca.key")]).toEqual([ca ?? "", caKey ?? ""]);
    expect([read("tls.crt") === cert, read("tls.key") === key]).toEqual([false, false]);
    const authority = new X509Certificate(read("ca.crt"));
    expect(new X509Certificate(read("tls.crt")).verify(authority.publicKey)).toBe(true);
    expect(statSync(join(place.folder, "tls/tls.key")).mode & 0o777).toBe(0o600);

    expect((await certs("--force")).code).toBe(0);
    expect(read("ca.crt")).not.toBe(ca);
    expect(readdirSync(join(place.folder, "tls")).toSorted()).toEqual(FILES);
  });

  test.each([
    [["--renew"], "tls.authority-unreadable"],
    [["--renew", "--force"], "cli.options-exclusive"],
    [["--days", "0"], "tls.days-malformed"],
    [["--days", "soon"], "tls.days-malformed"],
    [["--dns", "a b"], "tls.name-malformed"],
    [["--service", "Hook"], "cli.kubernetes-name"],
    [["--namespace", "a.b"], "cli.kubernetes-name"],
    [["--secret", "x\n  labels: {}"], "cli.kubernetes-name"],
  ])("%j is refused, and nothing is written", async (args, issue) => {
    expect(await certs(...args)).toMatchObject({ code: 2, stdout: "", issues: [issue] });
    expect(readdirSync(place.folder)).toEqual(["config"]);
  });

  test("--renew refuses a CA that cannot issue, and leaves the old certificate", async () => {
    await certs();
    const [ca = "", caKey = "", cert = "", key = ""] = readAll();
    const cases = [
      ["ca.key", key, "tls.authority-malformed", "ca.key is not the key of ca.crt"],
      ["ca.key", "none", "tls.authority-malformed", "ca.key: "],
      ["ca.crt", cert, "tls.authority-malformed", "ca.crt is not the certificate of a CA"],
      ["ca.crt", "none", "tls.authority-malformed", "ca.crt: there is none in it"],
    ] as const;
    for (const [file, text, issue, reason] of cases) {
      place.write(`tls/${file}`, text);
      const refused = await certs("--renew");
      expect(refused).toMatchObject({ code: 2, issues: [issue] });
      expect(refused.stderr).toContain(reason);
      place.write("tls/ca.crt", ca);
      place.write("tls/ca.key", caKey);
    }
    expect([read("tls.crt"), read("tls.key")]).toEqual([cert, key]);
  });
});

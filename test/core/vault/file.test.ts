import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { toStableId } from "../../../src/core/vault/file.ts";
import { webPorts } from "../../../src/host/ports.ts";

const NAMESPACE = "6f9b2d2e5c0a5f1e9c770f1e7a5ec2e7";

/** RFC 9562, section 5.5, written down once more. */
function uuid5(name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(NAMESPACE, "hex"))
    .update(name, "utf8")
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

describe("toStableId is the UUID of version 5", () => {
  test.each([
    "",
    "kv2\0secret/data/team\0token\0team/token",
    "\x7f",
    "\x80",
    "é",
    "密钥",
    "😀",
    "plain, then é",
  ])("of %j", (name) => {
    expect(toStableId(name, webPorts)).toBe(uuid5(name));
  });
});

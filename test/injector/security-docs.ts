/** The table of classes in docs/security.md. */
import { fileURLToPath } from "node:url";
import { compileProfile } from "../../src/core/vault/profile.ts";
import { ANNOTATION_CLASSES, CLASS_OF } from "../../src/injector/classes.ts";
import { VAULT_ANNOTATIONS, vaultKey } from "../../src/injector/vocabulary.ts";

/** The page with the table. */
export const SECURITY_DOCS = fileURLToPath(new URL("../../docs/security.md", import.meta.url));

/** @returns the rows of the table, one a class */
export function renderClassRows(): string {
  const refuses = compileProfile("hardened");
  const rows = Object.entries(ANNOTATION_CLASSES).map(([kind, why]) => {
    const own = VAULT_ANNOTATIONS.filter(({ name }) => CLASS_OF[name] === kind);
    const names = own.map((entry) => `\`${entry.name}${"suffixed" in entry ? "-*" : ""}\``).join(", ");
    const first = own[0];
    const isFree =
      first !== undefined &&
      refuses(vaultKey(first.name, "suffixed" in first ? "x" : undefined), "x", undefined) === undefined;
    return `| ${kind} | ${why} | ${names} | ${isFree ? "yes" : "no"} |`;
  });
  return rows.join("\n");
}

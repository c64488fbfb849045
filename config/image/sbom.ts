/**
 * Prints the image's bill of materials (CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/): this project, the packages
 * that are installed beside it, and Bun. The same packages give the same text: there is no time and no random id in it.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
}

const root = join(import.meta.dirname, "../..");
const own = await readManifest(root);
const packages = await listPackages(join(root, "node_modules"));
const bun = { name: "bun", version: process.versions.bun ?? "unknown", license: "MIT" };

const bill = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: { component: toComponent(own, "application") },
  components: [toComponent(bun, "platform"), ...packages.map((one) => toComponent(one, "library"))],
};
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);

/** Every package below a `node_modules`, by name; a package's own nested ones too. */
async function listPackages(folder: string): Promise<readonly Manifest[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const nested = await Promise.all(
    names
      .filter((name) => !name.startsWith("."))
      .map(async (name) => {
        const path = join(folder, name);
        if (name.startsWith("@")) return listPackages(path);
        return [await readManifest(path), ...(await listPackages(join(path, "node_modules")))];
      }),
  );
  return nested.flat().sort((a, b) => (toPurl(a) < toPurl(b) ? -1 : 1));
}

async function readManifest(folder: string): Promise<Manifest> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return { name, version, license };
}

function toComponent({ name, version, license }: Manifest, type: "application" | "library" | "platform") {
  const licenses = typeof license === "string" ? [{ expression: license }] : undefined;
  const purl = toPurl({ name, version });
  return { type, "bom-ref": purl, name, version, purl, ...(licenses && { licenses }) };
}

/** https://github.com/package-url/purl-spec: the scope's `@` is escaped. */
function toPurl({ name, version }: Manifest): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

/** Names of a plugin's options, for "did you mean". Standard Schema cannot list them, but most libraries' schemas can. */

/** Members that hold the parts of a schema: valibot's, then zod's and ArkType's. */
const PARTS = ["entries", "shape", "options", "items", "item", "wrapped", "pipe", "value"];
const DEEPEST = 6;

/** @returns names of options at any depth; empty if the library does not reveal them */
export function listOptionNames(schema: unknown): readonly string[] {
  const names = new Set<string>();
  collect(schema, names, 0);
  return [...names];
}

function collect(schema: unknown, names: Set<string>, depth: number): void {
  if (typeof schema !== "object" || schema === null || depth > DEEPEST) return;
  const members: Readonly<Record<string, unknown>> = Object.fromEntries(
    PARTS.flatMap((part) => (part in schema ? [[part, schema[part as keyof typeof schema]]] : [])),
  );
  for (const [part, member] of Object.entries(members)) {
    if (typeof member !== "object" || member === null) continue;
    const isMap = part === "entries" || part === "shape";
    for (const [name, inner] of Object.entries(member)) {
      if (isMap) names.add(name);
      collect(inner, names, depth + 1);
    }
    if (!isMap && !Array.isArray(member)) collect(member, names, depth + 1);
  }
}

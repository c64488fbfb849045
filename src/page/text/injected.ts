/** What the injector adds to a pod, in the words of a pod's parts. */
import { isObject, type JsonObject } from "../../core/json.ts";
import { parsePointer } from "../../core/patch/pointer.ts";
import type { Operation } from "../answer.ts";

/** One thing that the injector adds, changes or removes. */
export interface Part {
  /** `volume`, `mount`, `init container` and so on. */
  readonly part: string;
  readonly name: string;
  readonly details: string;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\/volumeMounts(?:\/[\d-]+)?$/, "mount"],
  [/^\/spec\/initContainers(?:\/[\d-]+)?$/, "init container"],
  [/^\/spec\/containers(?:\/[\d-]+)?$/, "container"],
  [/^\/spec\/volumes(?:\/[\d-]+)?$/, "volume"],
  [/^\/metadata\/annotations\//, "annotation"],
];

/** @returns the parts of one operation: a list of several containers is several parts */
export function listParts(operation: Operation): Part[] {
  const { path } = operation;
  const name = parsePointer(path).at(-1) ?? path;
  if (operation.op === "remove") return [{ part: "removed", name: path, details: "" }];
  const part = KINDS.find(([pattern]) => pattern.test(path))?.[1] ?? operation.op;
  const values = Array.isArray(operation.value) ? operation.value : [operation.value];
  return values.map((value: unknown) =>
    isObject(value)
      ? toPart(part, path, value)
      : { part, name: part === "annotation" ? name : path, details: String(value) },
  );
}

function toPart(part: string, path: string, value: JsonObject): Part {
  const { name, mountPath, image, emptyDir } = value;
  const isInMemory = isObject(emptyDir) && emptyDir.medium === "Memory";
  const owner = /^\/spec\/(initContainers|containers)\/(\d+)\/volumeMounts/.exec(path);
  const details = [
    ...(owner
      ? [`${owner[1] === "containers" ? "container" : "init container"} ${Number(owner[2]) + 1}`]
      : []),
    ...[image, mountPath].filter((each) => typeof each === "string"),
    ...(isInMemory ? ["in memory"] : []),
  ];
  return { part, name: typeof name === "string" ? name : path, details: details.join(" · ") };
}

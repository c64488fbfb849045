/** Mutants: small changes to a source file that a test should notice. */
import { parseSync } from "oxc-parser";

/** One change to one file. */
export interface Mutant {
  /** Path of the file, relative to the repository. */
  readonly file: string;
  /** Offsets of the replaced text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** 1-based line of {@link start}. */
  readonly line: number;
  /** The replaced text. */
  readonly original: string;
}

type Node = Readonly<Record<string, unknown>> & { readonly start: number; readonly end: number };
type Change = readonly [node: { readonly start: number; readonly end: number }, replacement: string];
/** @returns the changes that one node offers; `text` is the source of a node */
type Operator = (node: Node, text: (node: Node) => string) => readonly Change[];

const BINARY: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
};
const LOGICAL: Readonly<Record<string, string>> = { "&&": "||", "||": "&&", "??": "&&" };
const METHODS: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  startsWith: "endsWith",
  endsWith: "startsWith",
  min: "max",
  max: "min",
};
/** Methods whose call can be replaced by its receiver. */
const REMOVABLE = new Set(["toSorted", "slice", "filter", "trim", "toLowerCase", "toUpperCase"]);

const OPERATORS: Readonly<Record<string, Operator>> = {
  BinaryExpression: (node, text) => {
    const { left, right, operator } = node;
    if (!isNode(left) || !isNode(right)) return [];
    return (BINARY[String(operator)] ?? []).map((other) => [node, `${text(left)} ${other} ${text(right)}`]);
  },
  LogicalExpression: (node, text) => {
    const { left, right, operator } = node;
    const other = LOGICAL[String(operator)];
    return isNode(left) && isNode(right) && other ? [[node, `(${text(left)} ${other} ${text(right)})`]] : [];
  },
  UnaryExpression: ({ operator, argument, start, end }, text) =>
    operator === "!" && isNode(argument) ? [[{ start, end }, text(argument)]] : [],
  IfStatement: ({ test }) => (isNode(test) ? both(test) : []),
  WhileStatement: ({ test }) => (isNode(test) ? [[test, "false"]] : []),
  ConditionalExpression: ({ test }) => (isNode(test) ? both(test) : []),
  Literal: (node) => {
    if (typeof node.value === "boolean") return [[node, String(!node.value)]];
    if (typeof node.value === "number") return [[node, String(node.value + 1)]];
    return [];
  },
  ArrayExpression: (node) => (Array.isArray(node.elements) && node.elements.length > 0 ? [[node, "[]"]] : []),
  CallExpression: (node, text) => {
    const { callee } = node;
    if (!isNode(callee) || callee.type !== "MemberExpression") return [];
    const { object, property } = callee;
    if (!isNode(object) || !isNode(property)) return [];
    const name = text(property);
    if (REMOVABLE.has(name)) return [[node, text(object)]];
    const other = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    return other ? [[property, other]] : [];
  },
  ExpressionStatement: (node) =>
    isNode(node.expression) &&
    ["CallExpression", "AssignmentExpression"].includes(String(node.expression.type))
      ? [[node, ";"]]
      : [],
  ReturnStatement: ({ argument }) => (isNode(argument) ? [[argument, "undefined"]] : []),
};

/**
 * Finds the mutants of a file.
 *
 * @param file path, relative to the repository
 * @param source its text
 * @returns the mutants in the order of the text; types, imports and declarations of constants' names are left alone
 */
export function findMutants(file: string, source: string): Mutant[] {
  const found: Mutant[] = [];
  const text = (node: Node) => source.slice(node.start, node.end);
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (!isNode(value) || isLeftAlone(value)) return;
    for (const [{ start, end }, replacement] of OPERATORS[String(value.type)]?.(value, text) ?? []) {
      const original = source.slice(start, end);
      const line = source.slice(0, start).split("\n").length;
      if (original !== replacement) found.push({ file, start, end, replacement, line, original });
    }
    for (const child of Object.values(value)) visit(child);
  };
  visit(parseSync(file, source).program.body);
  return found.toSorted((a, b) => a.start - b.start);
}

/** @returns the source with one mutant in it */
export function mutate(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

function both(test: Node): Change[] {
  return [
    [test, "true"],
    [test, "false"],
  ];
}

function isLeftAlone({ type }: Node): boolean {
  return (
    typeof type === "string" &&
    (type.startsWith("TS") ? !type.endsWith("Expression") : type.startsWith("Import"))
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && "end" in value;
}

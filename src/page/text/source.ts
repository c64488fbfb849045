/** Who decided a line: its name, its colour and its place among the others. */
import type { Annotation, Source } from "../answer.ts";

/** A source as the page shows it. */
export interface ShownSource {
  /** Equal for lines that the same source decided. */
  readonly id: string;
  /** For the chip above the table. */
  readonly label: string;
  /** For the end of a row: short. */
  readonly short: string;
  /** Class that gives the colour. */
  readonly colour: string;
}

/** As many plugin colours as people can distinguish; further plugins reuse them. */
const PLUGIN_COLOURS = 4;

/** @returns how a source is shown */
export function showSource(source: Source): ShownSource {
  switch (source.kind) {
    case "webhook":
      return { id: "webhook", label: "webhook", short: "webhook", colour: "webhook" };
    case "secret": {
      const short = source.annotation.slice(source.annotation.indexOf("/") + 1);
      return { id: `secret ${source.annotation}`, label: source.annotation, short, colour: "secret" };
    }
    case "config": {
      const short = source.path.replace(/^webhook\.vaultSecretManager\./, "…");
      return { id: "config", label: "configuration", short, colour: "config" };
    }
    case "plugin": {
      const label = `plugin ${source.name}`;
      const id = `plugin ${source.name} ${source.entry}`;
      return { id, label, short: label, colour: `plugin-${source.entry % PLUGIN_COLOURS}` };
    }
    case "pod":
      return { id: "pod", label: "pod", short: "pod", colour: "pod" };
  }
}

/** A chip: a source, and how many lines it decided. */
export interface SourceCount extends ShownSource {
  readonly count: number;
}

/** @returns the sources of the lines, each once, in the order of their first line */
export function countSources(annotations: readonly Annotation[]): SourceCount[] {
  const counts = new Map<string, SourceCount>();
  for (const { source } of annotations) {
    const shown = showSource(source);
    const count = (counts.get(shown.id)?.count ?? 0) + 1;
    counts.set(shown.id, { ...shown, count });
  }
  return [...counts.values()];
}

/** @returns the lines that a source decided, and those where it lost; all of them without a filter */
export function filterBySource(
  annotations: readonly Annotation[],
  filter: string | undefined,
): readonly Annotation[] {
  if (filter === undefined) return annotations;
  return annotations.filter(
    ({ source, overrides }) =>
      showSource(source).id === filter || overrides.some((lost) => showSource(lost.source).id === filter),
  );
}

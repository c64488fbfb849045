/** Every annotation of the pod, coloured by who decided it, and the variables that the webhook sets. */
import type { Annotation, Result, Variable } from "../answer.ts";
import { countSources, filterBySource, showSource } from "../text/source.ts";
import { HiddenHead, Key, Plain, Value } from "./text.tsx";

interface Props {
  readonly result: Result;
  readonly filter: string | undefined;
  readonly onFilter: (filter: string) => void;
}

/** A table of the annotations, which can be filtered by source, followed by the variables. */
export function Annotations({ result, filter, onFilter }: Props) {
  if (result.annotations.length === 0) return <p class="nothing">Nothing is set on this pod.</p>;
  const rows = filterBySource(result.annotations, filter);
  return (
    <>
      <fieldset class="chips">
        <legend class="hidden">Show only what one source decided</legend>
        {countSources(result.annotations).map(({ id, label, colour, count }) => (
          <button
            key={id}
            type="button"
            class={`chip by-${colour}`}
            aria-pressed={filter === id}
            onClick={() => onFilter(id)}
          >
            <Plain text={label} /> {count}
          </button>
        ))}
      </fieldset>
      <table class="rows">
        <HiddenHead columns={["Annotation", "Value", "Set by"]} />
        <tbody>
          {rows.map((annotation) => (
            <AnnotationRow key={annotation.key} annotation={annotation} />
          ))}
        </tbody>
      </table>
      {filter === undefined && <Variables variables={result.env} />}
    </>
  );
}

function AnnotationRow({
  annotation: { key, value, source, overrides },
}: {
  readonly annotation: Annotation;
}) {
  const shown = showSource(source);
  return (
    <tr class={`by-${shown.colour}`}>
      <th scope="row">
        <Key text={key} />
      </th>
      <td>
        <Value text={value} />
        {overrides.map((lost, i) => (
          <span class="lost" key={i}>
            <s>
              <Value text={lost.value} />
            </s>{" "}
            <span class="dim">{showSource(lost.source).label}</span>
          </span>
        ))}
      </td>
      <td class="by">
        <Plain text={shown.short} />
      </td>
    </tr>
  );
}

function Variables({ variables }: { readonly variables: readonly Variable[] }) {
  if (variables.length === 0) return null;
  return (
    <>
      <h2>Variables</h2>
      <table class="rows">
        <HiddenHead columns={["Variable", "Value", "Container"]} />
        <tbody>
          {variables.map(({ container, init, name, value, replaced }) => (
            <tr class="by-webhook" key={`${init} ${container} ${name}`}>
              <th scope="row">
                <code>
                  <Plain text={name} />
                </code>
              </th>
              <td>
                <Value text={value} />
                {replaced !== undefined && (
                  <span class="lost">
                    <s>
                      <Value text={replaced} />
                    </s>{" "}
                    <span class="dim">pod</span>
                  </span>
                )}
              </td>
              <td class="by">
                <Plain text={container} />
                {init && " (init)"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

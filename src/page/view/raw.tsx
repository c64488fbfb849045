/** The patch and the whole answer, as they are. */
import type { Operation, Result } from "../answer.ts";
import { HiddenHead, Plain, Value } from "./text.tsx";

/** A browser lays out more than this for seconds; copying copies all of it. */
const LONGEST = 200_000;

/** The JSON Patch, one operation a line. */
export function Patch({
  patch,
  onCopy,
}: {
  readonly patch: readonly Operation[];
  readonly onCopy: (text: string) => void;
}) {
  if (patch.length === 0) return <p class="nothing">Nothing is changed: the patch is empty.</p>;
  return (
    <>
      <CopyBar what="the patch" onCopy={() => onCopy(JSON.stringify(patch, null, 2))} />
      <table class="rows patch">
        <HiddenHead columns={["Operation", "Path and value"]} />
        <tbody>
          {patch.map((operation, i) => (
            <tr key={i}>
              <td class={`op ${operation.op}`}>{operation.op}</td>
              <td>
                <code class="path">
                  <Plain text={operation.path} />
                </code>
                {operation.op !== "remove" && <Value text={renderValue(operation.value)} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function renderValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The whole answer as JSON. */
export function Json({
  result,
  onCopy,
}: {
  readonly result: Result;
  readonly onCopy: (text: string) => void;
}) {
  const text = JSON.stringify(result, null, 2);
  return (
    <>
      <CopyBar what="the JSON" onCopy={() => onCopy(text)} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to without a mouse */}
      <section class="json" tabIndex={0} aria-label="JSON">
        <pre>
          {text.slice(0, LONGEST)}
          {text.length > LONGEST && "\n…"}
        </pre>
      </section>
    </>
  );
}

function CopyBar({ what, onCopy }: { readonly what: string; readonly onCopy: () => void }) {
  return (
    <p class="copy-bar">
      <button type="button" class="link" onClick={onCopy}>
        copy {what}
      </button>
    </p>
  );
}

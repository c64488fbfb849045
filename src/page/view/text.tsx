/** Text from outside: characters that act on the text around them are shown as escapes, and directions stay inside. */
import { escapeControls } from "../../core/printable.ts";
import { splitKey } from "../text/key.ts";
import { splitSentence } from "../text/sentence.ts";

const LONGEST_CELL = 90;
/** A browser lays out more than this for seconds; the whole text is in the JSON and in what is copied. */
const LONGEST_TEXT = 20_000;

/** The head of a table whose columns explain themselves to the eye; readers of the screen get their names. */
export function HiddenHead({ columns }: { readonly columns: readonly string[] }) {
  return (
    <thead class="hidden">
      <tr>
        {columns.map((column) => (
          <th key={column} scope="col">
            {column}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** A text from outside, isolated so that its writing direction does not reorder what is around it. */
export function Plain({ text }: { readonly text: string }) {
  return <bdi>{escapeControls(text)}</bdi>;
}

/** A key with its shared part dimmed and its id cut; copying copies it whole. */
export function Key({ text }: { readonly text: string }) {
  const { prefix, name, id } = splitKey(text);
  return (
    <code class="key" title={escapeControls(text)}>
      <span class="dim">{escapeControls(prefix)}</span>
      {escapeControls(name)}
      {id !== "" && (
        <span class="id">
          {id.slice(0, 4)}
          <span class="rest">{id.slice(4)}</span>
        </span>
      )}
    </code>
  );
}

/** A value in one line; a longer one can be opened. */
export function Value({ text }: { readonly text: string }) {
  const shown = escapeControls(text.slice(0, LONGEST_TEXT));
  if (text.length <= LONGEST_CELL && !text.includes("\n")) {
    return (
      <code class="value">{text === "" ? <span class="dim">(empty)</span> : <Plain text={text} />}</code>
    );
  }
  const rest = text.length - LONGEST_TEXT;
  return (
    <details class="long">
      <summary>
        <code>
          <bdi>{shown.slice(0, LONGEST_CELL)}</bdi>…
        </code>
      </summary>
      <pre>
        <bdi>{breakTemplate(shown)}</bdi>
        {rest > 0 && <span class="dim">{`\n… and ${rest.toLocaleString("en")} more characters`}</span>}
      </pre>
    </details>
  );
}

/** Templates are written in one line; they are read in several. */
function breakTemplate(text: string): string {
  return text.startsWith("{{") ? text.replaceAll("-}}{{-", "-}}\n{{-") : text.replaceAll("\\n", "\n");
}

/** A message, with what it names set as code. */
export function Sentence({ text }: { readonly text: string }) {
  return (
    <>
      {splitSentence(escapeControls(text)).map(({ text: part, isCode }, i) =>
        isCode ? <code key={i}>{part}</code> : part,
      )}
    </>
  );
}

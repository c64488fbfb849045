/** Makes text from outside safe for a terminal, a log and a web page. */

// Besides control characters: format characters (U+202E and others reverse the text around them) and Unicode separators.
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Nearly all texts, for which this test is many times faster than the search. */
const PRINTABLE = /^[ -~]*$/;

/** @returns the text with control and format characters escaped, such as `\n` and `\u001b` */
export function escapeControls(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return text.replace(CONTROLS, (character) => {
    const json = JSON.stringify(character).slice(1, -1);
    if (json !== character) return json;
    return [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`)
      .join("");
  });
}

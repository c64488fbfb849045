/** Text from outside made fit for a terminal, a log and a web page. */

// Format characters (U+202E and its kind reverse the text around them) and Unicode's line and paragraph separators too.
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** @returns the text with `\n`, `\u001b` and the like where it had characters that terminals act on. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const json = JSON.stringify(character).slice(1, -1);
    if (json !== character) return json;
    return [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`)
      .join("");
  });
}

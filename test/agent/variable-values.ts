/** Values of secrets, and what an environment variable makes of them. */

/** Served: a name, the value in Vault, the variable's value. */
export const SERVED_VALUES: readonly (readonly [name: string, value: unknown, text: string])[] = [
  ["a plain text", "plain", "plain"],
  ["signs of a shell", '# $ $(X) "\\` !', '# $ $(X) "\\` !'],
  ["several lines", "a\nb\n\n c\n", "a\nb\n\n c\n"],
  ["lines that look like other files", "A=1\n#x\nB = 'y".replace("'", ""), "A=1\n#x\nB = y"],
  ["UTF-8", "é密😀\u2028", "é密😀\u2028"],
  ["a byte order mark", "\ufeffbom", "\ufeffbom"],
  ["blanks at the ends", "\t blanks ", "\t blanks "],
  ["a number", 1.5, "1.5"],
  ["false", false, "false"],
  ["an object, as JSON", { a: [1, "<b>"] }, '{"a":[1,"<b>"]}'],
];

/** Served, and too long to be recorded for every engine. */
export const LONG_VALUES: typeof SERVED_VALUES = [
  ["a long line", "x".repeat(65_500), "x".repeat(65_500)],
  ["many lines", "y\n".repeat(65_000), "y\n".repeat(65_000)],
];

/** Refused, since the kubelet would change them without a word or start no container. */
export const REFUSED_VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ["a single quote", "it's 7f3a"],
  ["a quote at the end", "7f3a'"],
  ["a quote and a comment", "7f3a' # tail"],
  ["a quote and another variable", "7f3a'\nB='x"],
  ["CR LF", "7f3a\r\nb"],
  ["a lone CR", "7f3a\r"],
  ["NUL", "7f3a\u0000"],
  ["what was not UTF-8", "7f3a\ufffd"],
  ["an empty text", ""],
  ["null", null],
  ["a line too long", "x".repeat(65_501)],
  ["a value too long", "y\n".repeat(65_001)],
];

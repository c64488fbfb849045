/** Messages name annotations, paths and values; these are set as code, so that the eye finds them. */

/** A part of a sentence. Joined, the parts are the sentence, but for backticks. */
export interface SentencePart {
  readonly text: string;
  readonly isCode: boolean;
}

/** @returns a message, which ends without a period, as a sentence among others */
export function endSentence(message: string): string {
  return /[.?!…]$/.test(message) ? message : `${message}.`;
}

/** Between backticks, or a word with a slash or an underscore inside; punctuation around it is not part of it. */
const CODE = /`([^`]+)`|(?<![\w./*-])((?:[\w.*-]+\/)+[\w.*-]*\w|\w+_\w+)(?![\w/])/g;

/** @returns the parts of a sentence, in order */
export function splitSentence(sentence: string): SentencePart[] {
  const parts: SentencePart[] = [];
  let end = 0;
  for (const found of sentence.matchAll(CODE)) {
    if (found.index > end) parts.push({ text: sentence.slice(end, found.index), isCode: false });
    parts.push({ text: found[1] ?? found[0], isCode: true });
    end = found.index + found[0].length;
  }
  if (end < sentence.length) parts.push({ text: sentence.slice(end), isCode: false });
  return parts;
}

/** Explanations of the issue codes that a preview can show: about pods, requests, plugins, inputs, configurations and answers. */
import { admissionIssues } from "../../core/issue/admission.ts";
import { annotationIssues, checkIssues } from "../../core/issue/check.ts";
import { configIssues } from "../../core/issue/config.ts";
import { describeIn } from "../../core/issue/describe.ts";
import { httpIssues } from "../../core/issue/http.ts";
import { pluginIssues } from "../../core/issue/plugin.ts";
import { previewIssues } from "../../core/issue/preview.ts";
import { secretIssues } from "../../core/issue/secret.ts";

const TABLES = [
  admissionIssues,
  annotationIssues,
  checkIssues,
  configIssues,
  httpIssues,
  pluginIssues,
  previewIssues,
  secretIssues,
];

/** @returns the message and the help of a code in general; `undefined` for a code of a plugin's own */
export function explainCode(code: string): string | undefined {
  const described = describeIn(TABLES, code);
  return described && `${described.message}. ${described.help}`;
}

/** Every command, in the order of help. A new one is a file in command/ and a line here. */

import { configCheck } from "./command/config-check.ts";
import { configSchema } from "./command/config-schema.ts";
import { explain } from "./command/explain.ts";
import { preview } from "./command/preview.ts";
import { secretsDecode } from "./command/secrets-decode.ts";
import { secretsEncode } from "./command/secrets-encode.ts";
import { serve } from "./command/serve.ts";
import type { Command } from "./command.ts";

/** The table. */
export const COMMANDS: readonly Command[] = [
  serve,
  preview,
  secretsEncode,
  secretsDecode,
  configCheck,
  configSchema,
  explain,
];

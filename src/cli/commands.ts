/** Every command, in the order of help. To add one, write a file in command/ and add a line here. */

import { certs } from "./command/certs.ts";
import { configCheck } from "./command/config-check.ts";
import { configSchema } from "./command/config-schema.ts";
import { diagnosePodCommand } from "./command/diagnose-pod.ts";
import { doctor } from "./command/doctor.ts";
import { explain } from "./command/explain.ts";
import { manifests } from "./command/manifests.ts";
import { migrateConfigCommand } from "./command/migrate-config.ts";
import { migratePlan } from "./command/migrate-plan.ts";
import { migrateReport } from "./command/migrate-report.ts";
import { pluginsDescribe } from "./command/plugins-describe.ts";
import { pluginsList } from "./command/plugins-list.ts";
import { pluginsNew } from "./command/plugins-new.ts";
import { pluginsTest } from "./command/plugins-test.ts";
import { preview } from "./command/preview.ts";
import { secretsDecode } from "./command/secrets-decode.ts";
import { secretsEncode } from "./command/secrets-encode.ts";
import { serve } from "./command/serve.ts";
import type { Command } from "./command.ts";

const MIGRATE = [migrateConfigCommand, migrateReport, migratePlan];
const PLUGINS = [pluginsList, pluginsNew, pluginsDescribe, pluginsTest];

/** The table. */
export const COMMANDS: readonly Command[] = [
  serve,
  preview,
  secretsEncode,
  secretsDecode,
  configCheck,
  configSchema,
  manifests,
  diagnosePodCommand,
  doctor,
  ...MIGRATE,
  certs,
  explain,
  ...PLUGINS,
];

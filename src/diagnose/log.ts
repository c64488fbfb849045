/** Parses the log of a Vault Agent: hclog's standard format, whose values may span lines, or JSON. */
import { isObject } from "../core/json.ts";

/** One entry. */
export interface LogEntry {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  /** Message and values on one line, without the time. */
  readonly text: string;
}

/** Number of lines to read: enough for an agent's last minutes; earlier ones do not explain why it hangs now. */
const LAST_LINES = 2_000;
const LONGEST_ENTRY = 4_000;

const STANDARD = /^(?:\S+\s+)?\[(TRACE|DEBUG|INFO|WARN|ERROR)\]\s+(.*)$/;
const LEVELS: Readonly<Record<string, LogEntry["level"]>> = {
  ...{
    trace: "trace",
    debug: "debug",
    info: "info",
    warn: "warn",
    warning: "warn",
    error: "error",
    err: "error",
  },
};

/**
 * Parses a log.
 *
 * @param text output of `kubectl logs`; only its last {@link LAST_LINES} lines are read
 * @returns the entries, oldest first; lines before the first entry are errors of the agent's start
 */
export function parseAgentLog(text: string): readonly LogEntry[] {
  const entries: { level: LogEntry["level"]; text: string }[] = [];
  for (const line of text.split("\n").slice(-LAST_LINES)) {
    if (line.trim() === "") continue;
    const entry = readStandard(line) ?? readJson(line);
    if (entry) entries.push(entry);
    else append(entries, line);
  }
  return entries;
}

/** Appends a line to the last entry: values of several lines follow it, with a bar before each line (hclog) or without one. */
function append(entries: { level: LogEntry["level"]; text: string }[], line: string): void {
  const text = line.trim().replace(/^\|\s?/, "");
  const last = entries.at(-1);
  const isOwn = /^(?:==>|Error|panic|fatal)/i.test(line);
  if (last && !isOwn) last.text = `${last.text} ${text}`.slice(0, LONGEST_ENTRY);
  else
    entries.push({
      level: /error|fail|panic/i.test(text) ? "error" : "info",
      text: text.slice(0, LONGEST_ENTRY),
    });
}

function readStandard(line: string): { level: LogEntry["level"]; text: string } | undefined {
  const [, level, text] = STANDARD.exec(line) ?? [];
  if (level === undefined || text === undefined) return undefined;
  return { level: LEVELS[level.toLowerCase()] ?? "info", text: text.slice(0, LONGEST_ENTRY) };
}

function readJson(line: string): { level: LogEntry["level"]; text: string } | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value) || typeof value["@message"] !== "string") return undefined;
    const { "@message": message, "@level": level, "@timestamp": _, "@module": module = "", ...rest } = value;
    const values = Object.entries(rest).map(
      ([key, each]) => `${key}=${typeof each === "string" ? each : JSON.stringify(each)}`,
    );
    const words = [`${String(module)}:`, message, ...values].join(" ").replaceAll("\n", " ");
    return { level: LEVELS[String(level).toLowerCase()] ?? "info", text: words.slice(0, LONGEST_ENTRY) };
  } catch {
    return undefined;
  }
}

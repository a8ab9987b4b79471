import { pino } from "pino";

/** What a line of the log is about. */
export interface LogAbout {
  /** Default: "info". */
  readonly level?: "info" | "warn" | "error";
  readonly incident?: string | null;
  readonly step?: string | null;
  /** Figures and codes of the line, for tools that read it. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** One line for the operator. */
export type OperatorLog = (line: string, about?: LogAbout) => void;

/**
 * The log of `serve`, on stderr. As JSON each line has `time` (ISO 8601), `level`, `msg`, and where they are known `incident`, `step` and figures.
 * Lines are written at once: the last one before a crash is there.
 * @param format see LOG_FORMAT
 */
export function openOperatorLog(format: "auto" | "json" | "text", stream: NodeJS.WriteStream = process.stderr): OperatorLog {
  if (format === "text" || (format === "auto" && stream.isTTY)) return (line) => void stream.write(`${line}\n`);
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    { write: (line) => void stream.write(line) },
  );
  return (line, { level = "info", incident = null, step = null, facts = {} } = {}) =>
    logger[level]({ ...(incident === null ? {} : { incident }), ...(step === null ? {} : { step }), ...facts }, line);
}

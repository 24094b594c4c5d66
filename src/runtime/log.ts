import pino from "pino";
import pretty from "pino-pretty";
import { currentRunId } from "./run-context.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** One line per event: a short sentence and fields. Secrets never enter. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** JSON lines, each with the run of a job that it was logged for; readable ones where a person watches. Everything goes to stderr, so that stdout stays data. */
export function createLog(level: "debug" | "info" | "warning" | "error", isTerminal: boolean): Log {
  const stream = isTerminal
    ? pretty({ colorize: true, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname", sync: true, destination: 2 })
    : pino.destination({ fd: 2, sync: true });
  const logger = pino(
    {
      level: level === "warning" ? "warn" : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin() {
        const runId = currentRunId();
        return runId === undefined ? {} : { runId };
      },
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

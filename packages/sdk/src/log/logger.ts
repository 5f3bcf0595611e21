import { writeSync } from 'node:fs';
import { redact } from './redact.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of a log: words alone, or fields and words. `err` is written with its type, message, code and stack. */
export interface LogMethod {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
}

export type Logger = Readonly<Record<LogLevel, LogMethod>> & {
  isLevelEnabled(level: LogLevel): boolean;
};

let output = 1;

/** From now on lines go to this descriptor: for a system on which standard output cannot be replaced by a file. */
export const logTo = (fd: number): void => {
  output = fd;
};

/** A full pipe or a closed output must not end the process that only wanted to say something. */
const writeLine = (line: string): void => {
  try {
    writeSync(output, line);
  } catch {
    // There is nowhere left to say so.
  }
};

/**
 * Structured JSON lines on standard output (or where `logTo` says), `{time, level, name, pid, ...fields, msg}`; the guardian turns them into
 * rotated files. Secret fields are blanked at any depth. Written here rather than by a library because the libraries
 * cost each kernel megabytes.
 */
export const createLogger = (
  name: string,
  level: string,
  write: (line: string) => void = writeLine,
): Logger => {
  const least = LOG_LEVELS.indexOf(level as LogLevel);
  const method =
    (own: LogLevel): LogMethod =>
    (first: string | Readonly<Record<string, unknown>>, message?: string) => {
      if (LOG_LEVELS.indexOf(own) < least) return;
      const fields = typeof first === 'string' ? {} : (redact(first) as object);
      const msg = typeof first === 'string' ? first : message;
      const time = new Date().toISOString();
      write(`${JSON.stringify({ time, level: own, name, pid: process.pid, ...fields, msg })}\n`);
    };
  const methods = Object.fromEntries(LOG_LEVELS.map((own) => [own, method(own)]));
  const isLevelEnabled = (own: LogLevel): boolean => LOG_LEVELS.indexOf(own) >= least;
  return { ...methods, isLevelEnabled } as Logger;
};

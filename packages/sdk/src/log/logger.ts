import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Field names whose values never reach a log, at any of the first three levels. */
const SECRET_FIELDS = [
  'token',
  'secret',
  'password',
  'authorization',
  'cookie',
  'databaseUrl',
  'enrolmentToken',
];

const redactPaths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);

/** Structured JSON lines on standard output; the guardian turns them into rotated files. */
export const createLogger = (name: string, level: string): Logger =>
  pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      redact: { paths: redactPaths, censor: '[redacted]' },
    },
    pino.destination({ fd: 1, sync: true }),
  );

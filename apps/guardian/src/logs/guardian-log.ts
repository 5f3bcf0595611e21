import { appendFileSync } from 'node:fs';

type Fields = Readonly<Record<string, unknown>>;

/** JSON lines of the guardian itself. Nothing secret is ever passed in. */
export interface GuardianLog {
  info(msg: string, fields?: Fields): void;
  warn(msg: string, fields?: Fields): void;
  error(msg: string, fields?: Fields): void;
}

const LEVELS = { info: 30, warn: 40, error: 50 } as const;

export const createGuardianLog = (path: string): GuardianLog => {
  const write = (level: number, msg: string, fields: Fields = {}): void => {
    const line = JSON.stringify({
      level,
      time: Date.now(),
      name: 'guardian',
      pid: process.pid,
      msg,
      ...fields,
    });
    try {
      appendFileSync(path, `${line}\n`, { mode: 0o600 });
    } catch {
      // A full disk must not take the guardian down.
    }
  };
  return {
    info: (msg, fields) => write(LEVELS.info, msg, fields),
    warn: (msg, fields) => write(LEVELS.warn, msg, fields),
    error: (msg, fields) => write(LEVELS.error, msg, fields),
  };
};

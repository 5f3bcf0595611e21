import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from '../cli-error.ts';
import { MARKER } from './service-spec.ts';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'failed';

const attempt = <T>(what: string, action: () => T): T => {
  try {
    return action();
  } catch (cause) {
    const denied = ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(cause));
    throw new CliError(`${what}: ${codeOf(cause)}`, {
      next: denied ? 'run it as root, or use --user for a service of your own' : '',
      cause,
    });
  }
};

export interface OwnFile {
  readonly text: string;
  readonly ours: boolean;
}

/** The file and whether an installation wrote it; undefined when there is none. */
export const readOwnFile = (file: string): OwnFile | undefined =>
  attempt(`reading ${file}`, () => {
    try {
      const text = readFileSync(file, 'utf8');
      return { text, ours: text.includes(MARKER) };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  });

/** Throws when there is a file that somebody else wrote. */
export const refuseForeign = (file: string, found: OwnFile | undefined): void => {
  if (found === undefined || found.ours) return;
  throw new CliError(`${file}: somebody else wrote it, it is left as it is`, {
    next: 'move it away first if it is not needed',
  });
};

/** Replaces the file as a whole; true when it differed. Throws when somebody else wrote it. */
export const writeOwnFile = (file: string, text: string): boolean => {
  const found = readOwnFile(file);
  refuseForeign(file, found);
  if (found?.text === text) return false;
  attempt(`writing ${file}`, () => {
    mkdirSync(dirname(file), { recursive: true });
    const next = `${file}.${process.pid}.new`;
    writeFileSync(next, text, { mode: 0o644 });
    renameSync(next, file);
  });
  return true;
};

export const removeOwnFile = (file: string): void =>
  attempt(`removing ${file}`, () => rmSync(file, { force: true }));

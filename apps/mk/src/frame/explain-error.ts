import { EXIT, MkError, type ExitCode } from './mk-error.ts';

/** Errors of the packages: each of them is about what was given, not about us. */
const INPUT_ERRORS: ReadonlySet<string> = new Set(['InputError', 'PlanError', 'LicenseToolError']);

const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'is not a directory',
  EEXIST: 'exists already',
  ENOSPC: 'no space is left',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many links',
  EMFILE: 'too many open files',
  EFBIG: 'the file is too large',
};

const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();

/** The one line that a user gets for anything thrown, and the exit code. */
export const explainError = (error: unknown): { line: string; exit: ExitCode } => {
  if (error instanceof MkError) return { line: oneLine(error.message), exit: error.exit };
  if (!(error instanceof Error)) return { line: oneLine(String(error)), exit: EXIT.failed };
  if (INPUT_ERRORS.has(error.name)) return { line: oneLine(error.message), exit: EXIT.refused };
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack'))
    return { line: 'what was given is nested too deeply', exit: EXIT.refused };
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : FILE_WORDS[code];
  if (words !== undefined)
    return { line: `${path === undefined ? '' : `${path}: `}${words}`, exit: EXIT.refused };
  return { line: `unexpected failure: ${oneLine(error.message)}`, exit: EXIT.failed };
};

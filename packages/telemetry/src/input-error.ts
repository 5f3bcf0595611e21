export type InputErrorCode =
  | 'duration_invalid'
  | 'file_unreadable'
  | 'file_type_unknown'
  | 'line_too_long'
  | 'mapping_invalid'
  | 'metrics_invalid'
  | 'metrics_unreachable';

/** What a user gave cannot be used: `message` is one line of text for that user; compare `code`, never the text. */
export class InputError extends Error {
  readonly code: InputErrorCode;

  constructor(code: InputErrorCode, message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.name = 'InputError';
    this.code = code;
  }
}

/** Control characters in names and answers become spaces, so that a message stays one line of a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** Why a file could not be opened, read or written, in words without the system call. */
export function fileProblem(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return FILE_PROBLEMS[code] ?? (code || 'unknown error');
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  ERR_INVALID_ARG_VALUE: 'the path has a null byte',
};

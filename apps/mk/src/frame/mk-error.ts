/** Exit codes of `mk`: 0 done, 1 an apply, a rollback or a preflight failed, 2 blocked or bad input. */
export const EXIT = { done: 0, failed: 1, refused: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one `ERROR: ...` line on standard error. */
export class MkError extends Error {
  readonly exit: ExitCode;

  constructor(message: string, options: { exit?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'MkError';
    this.exit = options.exit ?? EXIT.refused;
  }
}

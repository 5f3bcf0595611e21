/** A refusal that the command line itself makes. `next` says what the user can do. */
export class CliError extends Error {
  readonly exit: number;
  readonly next: string;

  constructor(message: string, options: { exit?: number; next?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.exit = options.exit ?? 1;
    this.next = options.next ?? '';
  }
}

export const EXIT = { done: 0, failed: 1, refused: 2, usage: 64 } as const;

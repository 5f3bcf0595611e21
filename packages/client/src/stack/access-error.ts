/** What of this user leads to a stack is missing, over or not to be trusted. `next` says what the user can do. */
export class StackAccessError extends Error {
  readonly next: string;

  constructor(message: string, options: { next?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StackAccessError';
    this.next = options.next ?? '';
  }
}

import { HoldfastError, isHoldfastError, type Op, type Principal } from '@holdfast/contracts';

/**
 * The private channel's way to ask: an operation of the guardian by name, with checked input. Rejects with the
 * guardian's refusal, or kernel_unavailable when there is no guardian or it died before it answered.
 */
export type AskGuardian = (op: string, input: unknown, principal: Principal) => Promise<unknown>;

/** The guardian as an answerer of operations, in bounded time. */
export interface GuardianLine {
  /** Rejects with the guardian's refusal, kernel_unavailable or kernel_timeout. */
  ask(name: string, op: Op, input: unknown, principal: Principal): Promise<unknown>;
}

/** Operations that the guardian answers from what it holds; others say how long they take. */
const ANSWER_MS = 2_000;

const asRefusal = (cause: unknown): HoldfastError =>
  isHoldfastError(cause)
    ? cause
    : new HoldfastError('kernel_unavailable', { kernel: 'guardian' }, { cause });

const isAway = (error: HoldfastError): boolean =>
  error.code === 'kernel_unavailable' && error.details['kernel'] === 'guardian';

/** A read that a dying guardian left without an answer is put once more, to the guardian that follows. */
export const createGuardianLine = (ask: AskGuardian): GuardianLine => ({
  async ask(name, op, input, principal) {
    const timeout_ms = op.answerMs ?? ANSWER_MS;
    const put = (): Promise<unknown> =>
      ask(name, input, principal).catch((cause: unknown) => Promise.reject(asRefusal(cause)));
    let away: HoldfastError | undefined;
    const answer = put().catch((refusal: HoldfastError) => {
      if (op.risk !== 'read' || !isAway(refusal)) throw refusal;
      away = refusal;
      return put();
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const timeout = new HoldfastError('kernel_timeout', { kernel: 'guardian', timeout_ms });
      timer = setTimeout(() => reject(away ?? timeout), timeout_ms);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  },
});

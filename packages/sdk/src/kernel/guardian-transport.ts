import { DEFAULT_TIMEOUT_MS, type Transport } from '@holdfast/client';
import { HoldfastError, isHoldfastError, type Principal } from '@holdfast/contracts';
import type { ChildChannel } from './child-channel.ts';

const GUARDIAN = 'guardian';

const isAway = (error: unknown): boolean =>
  isHoldfastError(error, 'kernel_unavailable') && error.details['kernel'] === GUARDIAN;

/** Rejects when the time is over or the caller gave up; `release` forgets both. */
const watchCaller = (timeout_ms: number, signal: AbortSignal | undefined) => {
  let release = (): void => {};
  const gaveUp = new Promise<never>((_, reject) => {
    const cancel = (): void =>
      reject(new HoldfastError('kernel_unavailable', { kernel: GUARDIAN }));
    const timer = setTimeout(
      () => reject(new HoldfastError('kernel_timeout', { kernel: GUARDIAN, timeout_ms })),
      timeout_ms,
    );
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
  });
  return { gaveUp, release };
};

/**
 * Carries calls of a kernel to the guardian over the private channel. Every failure is a HoldfastError: the guardian's
 * refusal, kernel_unavailable when it died before it answered, or kernel_timeout. A read that was left without an answer
 * is put once more, to the guardian that follows. `self` is what the guardian knows the asker by anyway.
 */
export const createGuardianTransport =
  (channel: Pick<ChildChannel, 'ask'>, self: Principal): Transport =>
  async (_api, name, op, input, { signal, timeoutMs }) => {
    const put = (): Promise<unknown> => channel.ask(name, input, self);
    const asked = put().catch((error: unknown) => {
      if (op.risk === 'read' && isAway(error) && signal?.aborted !== true) return put();
      throw error;
    });
    const { gaveUp, release } = watchCaller(timeoutMs ?? op.answerMs ?? DEFAULT_TIMEOUT_MS, signal);
    try {
      return await Promise.race([asked, gaveUp]);
    } finally {
      release();
      asked.catch(() => {});
    }
  };

/** The guardian over its own channel, everybody else over the other transport. */
export const withGuardian =
  (guardian: Transport, others: Transport): Transport =>
  (api, ...call) =>
    (api.kernel === GUARDIAN ? guardian : others)(api, ...call);

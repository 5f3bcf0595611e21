import { HoldfastError, type GuardianQuestion, type GuardianStatus } from '@holdfast/contracts';

/** The guardian as the gateway sees it. Both reject with kernel_unavailable when it does not answer in time. */
export interface GuardianQuestions {
  /** Not older than `maxAgeMs`; a stack that is not whole is asked about afresh each time. */
  status(maxAgeMs: number): Promise<GuardianStatus>;
  stop(): Promise<void>;
}

const ANSWER_MS = 2_000;

/** Asks over the private channel; callers at the same time share one question. */
export const createGuardianQuestions = (
  ask: (question: GuardianQuestion) => Promise<unknown>,
  answerMs = ANSWER_MS,
): GuardianQuestions => {
  let last: { readonly at: number; readonly status: GuardianStatus } | undefined;
  let asking: Promise<GuardianStatus> | undefined;

  const askInTime = async (question: GuardianQuestion): Promise<unknown> => {
    const silent = (cause?: unknown): HoldfastError =>
      new HoldfastError('kernel_unavailable', { kernel: 'guardian' }, { cause });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(silent()), answerMs);
    });
    const answer = ask(question).catch((cause: unknown) => {
      throw silent(cause);
    });
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
    }
  };

  const refresh = async (): Promise<GuardianStatus> => {
    const status = (await askInTime('status')) as GuardianStatus;
    last = { at: performance.now(), status };
    return status;
  };

  return {
    async status(maxAgeMs) {
      const young = last && performance.now() - last.at < maxAgeMs;
      if (last && young && last.status.state === 'running') return last.status;
      asking ??= refresh().finally(() => (asking = undefined));
      return asking;
    },
    async stop() {
      await askInTime('stop');
    },
  };
};

import { guardianApi, kernelPrincipal, type GuardianStatus } from '@holdfast/contracts';
import type { GuardianLine } from './guardian-line.ts';

/** What the guardian sees, for those who ask often. */
export interface GuardianView {
  /** Not older than `maxAgeMs`; a stack that is not whole is asked about afresh each time. Rejects as GuardianLine. */
  status(maxAgeMs: number): Promise<GuardianStatus>;
}

const self = kernelPrincipal('gateway');

/** Callers at the same time share one question. */
export const createGuardianView = (line: GuardianLine): GuardianView => {
  let last: { readonly at: number; readonly status: GuardianStatus } | undefined;
  let asking: Promise<GuardianStatus> | undefined;

  const refresh = async (): Promise<GuardianStatus> => {
    const { getGuardianStatus } = guardianApi.ops;
    const answer = await line.ask('getGuardianStatus', getGuardianStatus, {}, self);
    const status = answer as GuardianStatus;
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
  };
};

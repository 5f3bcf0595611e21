import { HoldfastError } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { carryThrough, patient } from './patient.ts';

const away = new HoldfastError('kernel_unavailable', { kernel: 'governance' });
const late = new HoldfastError('kernel_timeout', { kernel: 'governance', timeout_ms: 1 });

/** Gives one of these at each call, the errors as rejections; a call too many is an error. */
const answering = <T>(...answers: (T | Error)[]) => {
  let calls = 0;
  const call = (): Promise<T> => {
    const answer = answers[calls++] ?? new Error('one call too many');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { call, calls: () => calls };
};
const nothing = answering<string | undefined>().call;

describe('a call that may replace what answers it', () => {
  it('is put once where it is answered', async () => {
    expect(await carryThrough(answering('done').call, nothing)).toBe('done');
  });

  it.each([away, late])(
    'is not put again where it was taken up without an answer (%s)',
    async (error) => {
      const one = answering<string>(error);
      const found = answering<string | undefined>(away, 'taken up');
      expect(await carryThrough(one.call, found.call)).toBe('taken up');
      expect([one.calls(), found.calls()]).toEqual([1, 2]);
    },
  );

  it('is put again where it came to nothing', async () => {
    const one = answering<string>(away, late, 'done');
    const found = () => Promise.resolve(undefined);
    expect(await carryThrough(one.call, found)).toBe('done');
  });

  it('is refused with what it is answered, also where that may pass', async () => {
    const pending = new HoldfastError('config_pending', { change: 'chg_1', author: 'ann' });
    await expect(carryThrough(answering<string>(pending).call, nothing)).rejects.toBe(pending);
  });
});

describe('a read', () => {
  it('is put again until somebody answers', async () => {
    expect(await patient(answering<string>(away, late, 'read').call)).toBe('read');
  });

  it('is refused at once for what does not pass', async () => {
    const gone = new HoldfastError('change_not_found', { id: 'chg_1' });
    await expect(patient(answering<string>(gone).call)).rejects.toBe(gone);
  });
});

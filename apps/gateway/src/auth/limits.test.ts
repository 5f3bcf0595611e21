import { describe, expect, it } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';
import { createRecentSet } from './recent-set.ts';
import { createWorkQueue } from './work-queue.ts';

describe('createRateLimiter', () => {
  it('gives a burst at once and then a steady rate, to each key by itself', () => {
    let time = 0;
    const limiter = createRateLimiter({ perSecond: 2, burst: 3, maxKeys: 10, now: () => time });
    const takes = (key: string, times: number): boolean[] =>
      Array.from({ length: times }, () => limiter.take(key));
    expect(takes('a', 4)).toEqual([true, true, true, false]);
    expect(takes('b', 1)).toEqual([true]);
    time = 499;
    expect(takes('a', 1)).toEqual([false]);
    time = 1000;
    expect(takes('a', 3)).toEqual([true, true, false]);
    time = 1_000_000;
    expect(takes('a', 4)).toEqual([true, true, true, false]);
  });

  it('forgets the oldest key when there are too many', () => {
    const limiter = createRateLimiter({ perSecond: 0, burst: 1, maxKeys: 2, now: () => 0 });
    expect(['a', 'b', 'c', 'a', 'c'].map((key) => limiter.take(key))).toEqual([
      ...[true, true, true, true, false],
    ]);
  });
});

describe('createRecentSet', () => {
  it('forgets with time, and the oldest when there are too many', () => {
    let time = 0;
    const set = createRecentSet({ keepMs: 100, maxKeys: 2, now: () => time });
    set.add('a');
    set.add('b');
    time = 99;
    expect([set.has('a'), set.has('b')]).toEqual([true, true]);
    set.add('c');
    expect([set.has('a'), set.has('c')]).toEqual([false, true]);
    time = 150;
    expect([set.has('b'), set.has('c')]).toEqual([false, true]);
  });
});

describe('createWorkQueue', () => {
  it('runs a few at a time, lets some wait in order and refuses the rest', async () => {
    const queue = createWorkQueue({ running: 2, waiting: 2 });
    const finish: (() => void)[] = [];
    const started: number[] = [];
    const jobs = [0, 1, 2, 3, 4].map((number) =>
      queue.run(() => {
        started.push(number);
        return new Promise<number>((resolve) => (finish[number] = () => resolve(number)));
      }),
    );
    expect(jobs[4]).toBeUndefined();
    expect(started).toEqual([0, 1]);
    finish[1]!();
    expect(await jobs[1]).toBe(1);
    finish[0]!();
    expect(await jobs[0]).toBe(0);
    expect(started).toEqual([0, 1, 2, 3]);
    finish[2]!();
    finish[3]!();
    expect(await Promise.all([jobs[2], jobs[3]])).toEqual([2, 3]);
  });

  it('goes on after work that failed', async () => {
    const queue = createWorkQueue({ running: 1, waiting: 1 });
    await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run(() => Promise.resolve(1))).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.ts';

describe('slots', () => {
  it('let so many work at once, the others in the order in which they came', async () => {
    const slots = createSlots(2);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const work = (n: number) =>
      slots.hold(async () => {
        started.push(n);
        await new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = [1, 2, 3, 4].map(work);
    await Promise.resolve();
    expect(started).toEqual([1, 2]);
    ends[1]?.();
    await all[1];
    expect(started).toEqual([1, 2, 3]);
    ends[0]?.();
    await all[0];
    expect(started).toEqual([1, 2, 3, 4]);
    ends.forEach((end) => end());
    await Promise.all(all);
  });

  it('let another one in while the work of a place waits outside, and take it back after that', async () => {
    const slots = createSlots(1);
    const seen: string[] = [];
    let release = (): void => {};
    const outside = new Promise<void>((resolve) => (release = resolve));
    const first = slots.hold(async (slot) => {
      seen.push('first');
      await slot.without(() => outside);
      seen.push('first again');
    });
    await slots.hold(async () => {
      seen.push('second');
      release();
      await outside;
      seen.push('second ends');
    });
    await first;
    expect(seen).toEqual(['first', 'second', 'second ends', 'first again']);
  });

  it('give a place back when the work in it failed', async () => {
    const slots = createSlots(1);
    await expect(slots.hold(() => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
    expect(await slots.hold(async () => 'next')).toBe('next');
  });
});

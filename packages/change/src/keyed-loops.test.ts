import { HoldfastError } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { createKeyedLoops, type Turn } from './keyed-loops.ts';
import { backoffMs, isTransient, reasonOf } from './retry.ts';

/** Sleeps only end when they are aborted or by `wake`. */
const ports = () => {
  const stopping = new AbortController();
  const waits: number[] = [];
  const errors: unknown[] = [];
  let wake = (): void => {};
  return {
    waits,
    errors,
    stop: () => stopping.abort(),
    wake: () => wake(),
    signal: stopping.signal,
    onError: (_key: string, error: unknown) => errors.push(error),
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        waits.push(ms);
        wake = resolve;
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', () => resolve());
      }),
  };
};
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('keyed loops', () => {
  it('turn until done, resting as told', async () => {
    const given: Turn[] = [{ wait_ms: 7 }, { wait_ms: 9 }, 'done'];
    const world = ports();
    const loops = createKeyedLoops(world, async () => given.shift() ?? 'done');
    loops.kick('a');
    for (const waits of [[7], [7, 9], [7, 9]]) {
      await settle();
      expect(world.waits).toEqual(waits);
      world.wake();
    }
    await settle();
    expect(given).toEqual([]);
  });

  it('look again at once when kicked while resting, and when kicked during a turn', async () => {
    let turns = 0;
    const world = ports();
    const loops = createKeyedLoops(world, async () => {
      turns += 1;
      if (turns === 1) loops.kick('a');
      return turns < 4 ? { wait_ms: 1_000 } : 'done';
    });
    loops.kick('a');
    await settle();
    expect(turns).toBe(2);
    loops.kick('a');
    await settle();
    expect(turns).toBe(3);
  });

  it('never run two turns of one key at a time, but those of other keys', async () => {
    const running: string[] = [];
    const ends: (() => void)[] = [];
    const loops = createKeyedLoops(ports(), async (key) => {
      running.push(key);
      await new Promise<void>((resolve) => ends.push(resolve));
      return 'done';
    });
    for (const key of ['a', 'a', 'b', 'a']) loops.kick(key);
    await settle();
    expect(running).toEqual(['a', 'b']);
    ends[0]?.();
    await settle();
    expect(running).toEqual(['a', 'b', 'a']);
  });

  it('try again after a turn that threw, and end when stopped in the middle of one', async () => {
    let turns = 0;
    const world = ports();
    const loops = createKeyedLoops(world, async () => {
      turns += 1;
      if (turns === 1) throw new Error('broken');
      return new Promise<Turn>(() => {});
    });
    loops.kick('a');
    await settle();
    expect(world.errors).toHaveLength(1);
    expect(world.waits).toEqual([backoffMs(1)]);
    world.wake();
    await settle();
    expect(turns).toBe(2);
    world.stop();
    await loops.ended();
    loops.kick('a');
    expect(turns).toBe(2);
  });
});

describe('retrying', () => {
  it('waits longer with each failure, up to a limit', () => {
    expect([1, 2, 3, 6, 1_000].map(backoffMs)).toEqual([250, 500, 1_000, 5_000, 5_000]);
  });

  it('tells an answer from a failure to get one', () => {
    expect(isTransient(new HoldfastError('agent_offline', { id: 'box' }))).toBe(true);
    expect(isTransient(new Error('socket'))).toBe(true);
    expect(isTransient(new HoldfastError('plan_failed', { detail: 'x' }))).toBe(false);
    expect(isTransient(new HoldfastError('host_not_found', { id: 'x' }))).toBe(false);
  });

  it('never shows the text of an unexpected error', () => {
    expect(reasonOf(new Error('password hunter2')).detail).not.toContain('hunter2');
    expect(reasonOf(new HoldfastError('plan_failed', { detail: 'no wheel' }))).toEqual({
      code: 'plan_failed',
      detail: 'making a plan: no wheel',
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTimepiece } from '../journal/timepiece.ts';
import type { Pause, PauseRecord } from '../supervision/pause.ts';
import type { SupervisedProcess } from '../supervision/supervised-process.ts';
import type { Supervisor } from '../supervision/supervisor.ts';
import { createStackPortsView } from './stack-ports-view.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const DAY_MS = 86_400_000;
let wall: number;
let steady: number;
let kept: Readonly<Record<string, PauseRecord>>;
let told: Pause | undefined;

/** What one guardian shows; `kept` is what the keeper hands to the next one. */
const openView = (boot = 'this boot') => {
  const one: Pick<SupervisedProcess, 'pause' | 'state' | 'requests'> = {
    pause: (pause) => void (told = pause),
    state: () => ({
      status: 'healthy',
      reason: '',
      failures: 0,
      restarts: 0,
      startedAt: new Date(wall + DAY_MS),
      bornAt: performance.now() - 5_000,
    }),
    requests: () => Promise.resolve(7),
  };
  const supervisor = { one: () => one } as unknown as Supervisor;
  return createStackPortsView({
    kernels: ['scheduler'],
    supervisor,
    portOffset: 0,
    status: () => {
      throw new Error('not asked here');
    },
    paused: kept,
    remember: (next) => void (kept = next),
    timepiece: createTimepiece(
      () => wall,
      () => steady,
      boot,
    ),
  });
};

beforeEach(() => {
  [wall, steady, kept, told] = [NOON, 1_000, {}, undefined];
});
afterEach(() => void vi.useRealTimers());

describe('a pause of automatic restarts', () => {
  it('ends by the steady clock, and neither earlier nor later when the wall clock is set', () => {
    const view = openView();
    expect(view.pause('scheduler', 60_000)).toEqual(new Date(NOON + 60_000));
    for (const jump of [DAY_MS, -3 * DAY_MS]) {
      wall += jump;
      steady += 20_000;
      expect([...view.paused()]).toEqual([['scheduler', new Date(NOON + 60_000)]]);
    }
    expect(told?.leftMs()).toBe(20_000);
    steady += 20_000;
    expect(told?.leftMs()).toBe(0);
    expect([...view.paused()]).toEqual([]);
  });

  it('lasts as long as it was to last when another guardian follows', () => {
    openView().pause(undefined, 60_000);
    wall += DAY_MS;
    steady += 50_000;
    const next = openView();
    next.restorePauses();
    expect(told?.leftMs()).toBe(10_000);
    steady += 10_000;
    next.restorePauses();
    expect(told).toBeUndefined();
  });

  it('is over when it is resumed, also for the guardians that follow', () => {
    const view = openView();
    view.pause('scheduler', 60_000);
    view.pause(undefined, 60_000);
    view.resume('scheduler');
    expect([...view.paused().keys()]).toEqual(['all']);
    view.resume(undefined);
    expect(kept).toEqual({});
    expect(told).toBeUndefined();
  });
});

it('tells for how long a kernel runs by a clock that is never set', async () => {
  const view = openView();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - DAY_MS });
  const measured = await view.measure('scheduler');
  expect(measured?.requests).toBe(7);
  expect(Math.floor(measured?.uptime_s ?? 0)).toBe(5);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processAgeMs } from './process-age.ts';

const onLinux = process.platform === 'linux';
afterEach(() => void vi.useRealTimers());

describe('the age of a process', () => {
  it.runIf(onLinux)(
    'is more for one that was there before, and less for its child (Linux only: needs /proc)',
    async () => {
      const child = spawn(process.execPath, ['-e', "setInterval(() => {}, 1e3); console.log('')"]);
      try {
        await once(child.stdout, 'data');
        const age = processAgeMs(child.pid ?? 0);
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThan(processAgeMs(process.pid) ?? 0);
        expect(processAgeMs(process.ppid)).toBeGreaterThan(processAgeMs(process.pid) ?? 0);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it.runIf(onLinux)('does not change when the wall clock is set (Linux only: needs /proc)', () => {
    const before = processAgeMs(process.pid) ?? Number.NaN;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 86_400_000 });
    const back = processAgeMs(process.pid) ?? Number.NaN;
    vi.setSystemTime(Date.now() + 2 * 86_400_000);
    const ahead = processAgeMs(process.pid) ?? Number.NaN;
    expect(before).toBeLessThanOrEqual(back);
    expect(back).toBeLessThanOrEqual(ahead);
    expect(ahead - before).toBeLessThan(3_600_000);
  });

  it('of nobody is not given', () => {
    for (const pid of [0, -1, 2 ** 31]) expect(processAgeMs(pid)).toBeUndefined();
  });
});

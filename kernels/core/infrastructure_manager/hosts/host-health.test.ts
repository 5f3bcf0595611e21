import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostMetrics } from '@holdfast/contracts';
import { judgeHeartbeat, LEVEL_HEARTBEATS, type HostStatus } from './host-health.ts';

const metrics = (cpu: number, memory = 0, disk = 0): HostMetrics => ({
  time: '2026-01-01T00:00:00Z',
  cpu_percent: cpu,
  memory_percent: memory,
  disk_percent: disk,
  load_average: [0, 0, 0],
});

const after = (start: HostStatus, loads: readonly HostMetrics[]) =>
  loads.reduce<{ status: HostStatus; streak: ReturnType<typeof judgeHeartbeat>['streak'] }>(
    ({ status, streak }, load) => judgeHeartbeat(status, streak, load),
    { status: start, streak: undefined },
  ).status;

test.each([
  ['cpu', [metrics(80), metrics(76), metrics(75)], 'degraded'],
  ['memory', [metrics(0, 95), metrics(0, 90), metrics(0, 99)], 'unhealthy'],
  ['disk', [metrics(0, 0, 91), metrics(0, 0, 91), metrics(0, 0, 91)], 'unhealthy'],
] as const)(
  'three heartbeats in a row over a limit of %s change the status',
  (_, loads, status) => {
    expect(after('healthy', loads)).toBe(status);
    expect(after('healthy', loads.slice(1))).toBe('healthy');
  },
);

test('a peak that is not three heartbeats long changes nothing', () => {
  const loads = [99, 99, 10, 99, 99, 10].map((cpu) => metrics(cpu));
  expect(after('healthy', loads)).toBe('healthy');
});

test('recovery takes three heartbeats too', () => {
  expect(after('unhealthy', [metrics(1), metrics(1)])).toBe('unhealthy');
  expect(after('unhealthy', [metrics(1), metrics(1), metrics(1)])).toBe('healthy');
});

test('a host that was silent is healthy with its first heartbeat', () => {
  expect(after('offline', [metrics(99)])).toBe('healthy');
  expect(after('unknown', [metrics(10)])).toBe('healthy');
});

test('the reason names the worst of the three loads', () => {
  const verdict = judgeHeartbeat('degraded', undefined, metrics(20, 80, 60));
  expect(verdict.reason).toBe('memory at 80 %, at or over 75 %');
});

test('whatever the loads, the status only changes at the end of equal levels in a row', () => {
  const level = fc.constantFrom(10, 80, 95);
  fc.assert(
    fc.property(fc.array(level, { maxLength: 40 }), (cpus) => {
      let status: HostStatus = 'healthy';
      let streak: ReturnType<typeof judgeHeartbeat>['streak'];
      for (const [index, cpu] of cpus.entries()) {
        const verdict = judgeHeartbeat(status, streak, metrics(cpu));
        if (verdict.status !== status) {
          const recent = cpus.slice(index + 1 - LEVEL_HEARTBEATS, index + 1);
          expect(new Set(recent).size).toBe(1);
          expect(recent).toHaveLength(LEVEL_HEARTBEATS);
        }
        ({ status, streak } = verdict);
      }
    }),
  );
});

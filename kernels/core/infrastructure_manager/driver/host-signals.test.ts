import { signalVerdict } from '@holdfast/change';
import type { HostMetrics, SignalSpec } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { hostSignals, sampleHost } from './host-signals.ts';

const clock = createFakeClock();
const metrics = (changes: Partial<HostMetrics> = {}): HostMetrics => ({
  time: clock.iso(),
  cpu_percent: 12,
  memory_percent: 40,
  disk_percent: 50,
  load_average: [0, 0, 0],
  ...changes,
});
const named = (name: string): SignalSpec => ({ ...hostSignals[0]!, name });
const sample = (given: HostMetrics | null, lastSeenMs: number | undefined, specs = hostSignals) =>
  sampleHost(specs, { metrics: given, lastSeenMs }, clock, 30_000).values;

describe('the signals of a host', () => {
  it('are what its agent reported last', () => {
    const specs = ['cpu_percent', 'memory_percent', 'host_healthy'].map(named);
    expect(sample(metrics(), clock.now() - 30_000, specs)).toEqual({
      cpu_percent: 12,
      memory_percent: 40,
      host_healthy: 1,
    });
    expect(sample(metrics({ disk_percent: 95 }), clock.now())).toMatchObject({ host_healthy: 0 });
  });

  it('are null when that is too old, when nothing was ever reported, and for names it does not know', () => {
    const nothing = { host_healthy: null, memory_percent: null };
    expect(sample(metrics(), clock.now() - 30_001)).toEqual(nothing);
    expect(sample(null, undefined)).toEqual(nothing);
    expect(sample(metrics(), clock.now(), ['latency', 'toString'].map(named))).toEqual({
      latency: null,
      toString: null,
    });
  });

  it('bear with a busy machine, and not with one that ran full', () => {
    const verdict = (after: HostMetrics) => {
      const at = clock.iso();
      const window = (one: HostMetrics) =>
        [1, 2].map(() => ({ at, values: sample(one, clock.now()) }));
      return signalVerdict(hostSignals, window(metrics()), window(after)).pass;
    };
    expect(verdict(metrics({ cpu_percent: 100, memory_percent: 59 }))).toBe(true);
    expect(verdict(metrics({ memory_percent: 61 }))).toBe(false);
    expect(verdict(metrics({ disk_percent: 91 }))).toBe(false);
  });
});

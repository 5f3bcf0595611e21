import type { SignalSample, SignalSpec } from '@holdfast/contracts';
import type { Clock } from '@holdfast/sdk';
import { UNHEALTHY_PERCENT } from '../hosts/host-health.ts';
import type { HostState } from '../hosts/host-registry.ts';

/**
 * What is watched while packages settle. Load of the CPU can be measured, but no plan asks for it: after an install a
 * machine is busy because it works. Memory may grow by half of what it was and by 20 points before that counts.
 */
export const hostSignals: SignalSpec[] = [
  {
    name: 'host_healthy',
    unit: '',
    direction: 'higher_is_better',
    max_regression: 0,
    min_change: 0,
  },
  {
    name: 'memory_percent',
    unit: '%',
    direction: 'lower_is_better',
    max_regression: 0.5,
    min_change: 20,
  },
];

type Metrics = NonNullable<HostState['metrics']>;

const GAUGES: Readonly<Record<string, (metrics: Metrics) => number>> = {
  cpu_percent: (metrics) => metrics.cpu_percent,
  memory_percent: (metrics) => metrics.memory_percent,
  /** 1 while its agent reports room in memory and on disk: a machine that only computes is not ill. */
  host_healthy: ({ memory_percent, disk_percent }) =>
    Math.max(memory_percent, disk_percent) < UNHEALTHY_PERCENT ? 1 : 0,
};

/** The signals of a host as its agent reported them last; null where that is older than `freshMs`, or not known. */
export const sampleHost = (
  specs: readonly SignalSpec[],
  { metrics, lastSeenMs }: Pick<HostState, 'metrics' | 'lastSeenMs'>,
  clock: Clock,
  freshMs: number,
): SignalSample => {
  const isFresh = lastSeenMs !== undefined && clock.now() - lastSeenMs <= freshMs;
  const measure = (name: string): number | null => {
    const gauge = Object.hasOwn(GAUGES, name) ? GAUGES[name] : undefined;
    return gauge && metrics && isFresh ? gauge(metrics) : null;
  };
  return {
    at: clock.iso(),
    values: Object.fromEntries(specs.map(({ name }) => [name, measure(name)])),
  };
};

/**
 * What a workload is watched by after a knob moved: a tenth worse is too much. Milliseconds of a step, work per second; the
 * shape is that of a signal of the change engine.
 */
export const TUNING_SIGNALS = [
  {
    name: 'step_time_ms',
    unit: 'ms',
    direction: 'lower_is_better',
    max_regression: 0.1,
    min_change: 1,
  },
  {
    name: 'throughput',
    unit: '/s',
    direction: 'higher_is_better',
    max_regression: 0.1,
    min_change: 0,
  },
] as const;

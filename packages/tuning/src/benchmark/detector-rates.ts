import type { DetectorName } from './labelled-windows.ts';

/**
 * What is promised of each detector on the labelled windows: at most this share of false alarms among the windows where
 * it should stay silent, at least this share found where it should fire. A test holds the detectors to it, on seeds that
 * none was tuned on. By far the most false alarms of `comm_congestion` are GPUs that were slowed down all at once (a
 * power cap): step times, throughput and utilisation look the same, so its answer needs an approval.
 */
export const DETECTOR_RATES: Readonly<
  Record<DetectorName, { readonly false_alarms: number; readonly found: number }>
> = {
  drift: { false_alarms: 0.002, found: 0.93 },
  burst: { false_alarms: 0.005, found: 0.99 },
  straggler: { false_alarms: 0.002, found: 0.99 },
  gpu_saturated: { false_alarms: 0.04, found: 0.99 },
  comm_congestion: { false_alarms: 0.07, found: 0.98 },
  near_hang: { false_alarms: 0.003, found: 0.92 },
};

import { detectDistress } from '../signals/detect-distress.ts';
import { detectSignals } from '../signals/detect-signals.ts';
import { drawWindow, WINDOW_KINDS, type DetectorName } from './labelled-windows.ts';

export const DETECTORS: readonly DetectorName[] = [
  'drift',
  'burst',
  'straggler',
  'gpu_saturated',
  'comm_congestion',
  'near_hang',
];

/** Windows that should fire and did, and windows that should not and did all the same. */
export interface DetectorScore {
  positives: number;
  found: number;
  negatives: number;
  false_alarms: number;
  /** False alarms by kind of window, where there are any. */
  alarms_by_kind: Record<string, number>;
}

/** Runs every detector on `windows` windows of each kind, seeds from `seed` on. */
export const scoreDetectors = (
  windows: number,
  seed = 1,
): Readonly<Record<DetectorName, DetectorScore>> => {
  const empty = (): DetectorScore => ({
    positives: 0,
    found: 0,
    negatives: 0,
    false_alarms: 0,
    alarms_by_kind: {},
  });
  const scores = Object.fromEntries(DETECTORS.map((name) => [name, empty()])) as Record<
    DetectorName,
    DetectorScore
  >;
  for (const [index, kind] of WINDOW_KINDS.entries())
    for (let run = 0; run < windows; run += 1) {
      const series = drawWindow(kind, seed + index * windows + run);
      const fired = { ...detectSignals(series), ...detectDistress(series) };
      for (const name of DETECTORS) {
        const score = scores[name];
        if (kind.positive.includes(name)) {
          score.positives += 1;
          if (fired[name]) score.found += 1;
        } else if (!kind.unscored.includes(name)) {
          score.negatives += 1;
          if (!fired[name]) continue;
          score.false_alarms += 1;
          score.alarms_by_kind[kind.name] = (score.alarms_by_kind[kind.name] ?? 0) + 1;
        }
      }
    }
  return scores;
};

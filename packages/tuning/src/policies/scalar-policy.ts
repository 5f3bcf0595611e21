import { KNOBS } from '../knobs/knob-registry.ts';
import type { Signals } from '../signals/detect-signals.ts';
import type { Action } from './action.ts';

/** How hard one signal pushes, 0..1; the hardest push of all counts. */
const PRESSURE = {
  incident: 0.5,
  drift: 0.5,
  burst: 0.75,
  straggler: 1,
  gpu_saturated: 1,
} as const;
const FULL_STEP = 4;

/** One knob, `concurrency`, lowered by up to 4 from `present`, never under its least value. */
export const proposeScalar = (signals: Signals, present?: number): Action[] => {
  const pressure = Math.max(
    0,
    ...Object.entries(PRESSURE)
      .filter(([name]) => signals[name as keyof typeof PRESSURE])
      .map(([, push]) => push),
  );
  if (pressure === 0) return [];
  const { min, start } = KNOBS['concurrency']!;
  const target = Math.max(min, (present ?? start) - Math.max(1, Math.round(FULL_STEP * pressure)));
  return [{ knob: 'concurrency', target, reason: 'scalar', chord: 'SCALAR' }];
};

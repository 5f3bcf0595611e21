import fc from 'fast-check';
import { KNOBS } from '../knobs/knob-registry.ts';
import type { WorkloadState } from '../safety/workload-state.ts';
import { signalsOf, type Signals } from '../signals/detect-signals.ts';

export const arbitrarySignals: fc.Arbitrary<Signals> = fc
  .record({
    drift: fc.boolean(),
    burst: fc.boolean(),
    straggler: fc.boolean(),
    gpu_saturated: fc.boolean(),
  })
  .map((on) => signalsOf(on));

/** Every knob known or not, at any value of its range. */
const knobs: fc.Arbitrary<Record<string, number>> = fc.record(
  Object.fromEntries(
    Object.entries(KNOBS).map(([name, { min, max, step }]) => [
      name,
      fc.integer({ min: 0, max: (max - min) / step }).map((steps) => min + steps * step),
    ]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, number>>;

/** A workload with any values, and now and then a declared batch that nothing makes up. */
const anyState: fc.Arbitrary<WorkloadState> = fc.record(
  {
    knobs,
    replicas: fc.integer({ min: 0, max: 16 }),
    global_batch: fc.integer({ min: 1, max: 5000 }),
    history: fc.constant([]),
  },
  { requiredKeys: ['knobs', 'history'] },
);

const powerOfTwo = (most: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: most }).map((power) => 2 ** power);

/** A workload as people set them up, whose batch can be made up in several ways. */
const ordinaryState: fc.Arbitrary<WorkloadState> = fc.record(
  {
    knobs: fc.record({ grad_accum_steps: powerOfTwo(5), microbatch_size: powerOfTwo(7) }),
    replicas: powerOfTwo(3),
    global_batch: powerOfTwo(11),
    history: fc.constant([]),
  },
  { requiredKeys: ['knobs', 'replicas', 'history'] },
);

export const arbitraryState: fc.Arbitrary<WorkloadState> = fc.oneof(anyState, ordinaryState);

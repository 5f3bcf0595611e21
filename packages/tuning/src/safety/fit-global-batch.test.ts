import { describe, expect, it } from 'vitest';
import { CATALOG } from '../chords/catalog.ts';
import { proposeActions } from '../policies/propose-actions.ts';
import { signalsOf } from '../signals/detect-signals.ts';
import { fitGlobalBatch } from './fit-global-batch.ts';
import type { WorkloadState } from './workload-state.ts';

const DRIFT = { drift: true, burst: false, straggler: false, gpu_saturated: false };
const FULL = { ...DRIFT, drift: false, gpu_saturated: true };

const fit = (
  on: typeof DRIFT,
  state: Partial<WorkloadState> & { steps?: number; micro?: number },
  catalog = CATALOG,
) => {
  const { steps, micro, ...rest } = state;
  const knobs = {
    ...(steps === undefined ? {} : { grad_accum_steps: steps }),
    ...(micro === undefined ? {} : { microbatch_size: micro }),
  };
  return fitGlobalBatch(proposeActions('chord', signalsOf(on)), {
    catalog,
    state: { history: [], ...rest, knobs },
  }).map(({ knob, target, chord }) => `${knob}=${target} ${chord}`);
};
const retune = (steps: number, micro: number) => [
  `grad_accum_steps=${steps} DRIFT-RETUNE`,
  `microbatch_size=${micro} DRIFT-RETUNE`,
];

describe('targets that keep the global batch', () => {
  it('are the fixed ones where they make up the declared batch, wherever the knobs are now', () => {
    expect(fit(DRIFT, { global_batch: 256, replicas: 1, steps: 4, micro: 16 })).toEqual(
      retune(8, 32),
    );
    expect(fit(DRIFT, { global_batch: 512, replicas: 2 })).toEqual(retune(8, 32));
  });

  it('give every replica its share', () => {
    expect(fit(DRIFT, { global_batch: 256, replicas: 4, steps: 4, micro: 16 })).toEqual(
      retune(8, 8),
    );
  });

  it('keep what the workload runs with where nothing is declared', () => {
    expect(fit(DRIFT, { steps: 4, micro: 16 })).toEqual(retune(8, 8));
    expect(fit(DRIFT, { steps: 4, micro: 16, replicas: 7 })).toEqual(retune(8, 8));
  });

  it('take the nearest pair on the same side when the target itself does not divide', () => {
    expect(fit(DRIFT, { steps: 4, micro: 25 })).toEqual(retune(10, 10));
    expect(fit(DRIFT, { steps: 16, micro: 256 })).toEqual(retune(8, 32));
  });

  it('stay where they are once they are the nearest', () => {
    expect(fit(DRIFT, { steps: 10, micro: 10 })).toEqual(retune(10, 10));
    expect(fit(DRIFT, { steps: 5, micro: 20 })).toEqual(retune(10, 10));
  });

  it('stay the fixed ones where no batch is on record', () => {
    expect(fit(DRIFT, {})).toEqual(retune(8, 32));
    expect(fit(DRIFT, { steps: 4 })).toEqual(retune(8, 32));
  });

  it('stay as they are, to be blocked, where no pair fits', () => {
    expect(fit(DRIFT, { steps: 1, micro: 101 })).toEqual(retune(8, 32));
    expect(fit(DRIFT, { global_batch: 100, replicas: 3 })).toEqual(retune(8, 32));
    expect(fit(DRIFT, { global_batch: 100, replicas: 0 })).toEqual(retune(8, 32));
  });

  it('let accumulation follow the microbatch that a full GPU needs', () => {
    expect(fit(FULL, { steps: 4, micro: 32 })).toEqual([
      'microbatch_size=16 BURST-ABSORB',
      'grad_accum_steps=8 DRIFT-RETUNE',
    ]);
    expect(fit({ ...FULL, drift: true }, { steps: 4, micro: 64 })).toEqual([
      'microbatch_size=16 BURST-ABSORB',
      'grad_accum_steps=16 DRIFT-RETUNE',
    ]);
  });

  it('add no action that changes nothing, and none that no chord stands for', () => {
    expect(fit(FULL, { steps: 8, micro: 16 })).toEqual(['microbatch_size=16 BURST-ABSORB']);
    const chords = CATALOG.chords.filter(({ id }) => id !== 'DRIFT-RETUNE');
    expect(fit(FULL, { steps: 4, micro: 32 }, { ...CATALOG, chords })).toEqual([
      'microbatch_size=16 BURST-ABSORB',
    ]);
  });
});

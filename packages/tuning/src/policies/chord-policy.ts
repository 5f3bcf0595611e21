import type { Signals } from '../signals/detect-signals.ts';
import type { Action } from './action.ts';

/** What drift is answered with; also what a workload is compared to when it is read for drift. */
export const DRIFT_TARGETS: Readonly<Record<'grad_accum_steps' | 'microbatch_size', number>> = {
  grad_accum_steps: 8,
  microbatch_size: 32,
};

/** Fixed answers to each signal. A saturated GPU comes first: it decides the microbatch. */
export const proposeChords = (signals: Signals): Action[] => {
  const actions: Action[] = [];
  const propose = (chord: string, reason: string, targets: Record<string, number>): void => {
    for (const [knob, target] of Object.entries(targets))
      actions.push({ knob, target, reason, chord });
  };
  if (signals.gpu_saturated) propose('BURST-ABSORB', 'gpu_saturated', { microbatch_size: 16 });
  if (signals.drift) {
    const { microbatch_size, ...rest } = DRIFT_TARGETS;
    const targets = signals.gpu_saturated ? rest : { ...rest, microbatch_size };
    propose('DRIFT-RETUNE', 'drift_detected', targets);
  }
  if (signals.burst)
    propose('BURST-ABSORB', 'latency_burst', { dataloader_prefetch_factor: 2, concurrency: 4 });
  if (signals.straggler) {
    propose('INPUT-STRAGGLER', 'straggler_detected', { dataloader_num_workers: 2 });
    propose('TIMEOUT-GUARD', 'straggler_detected', { timeout_ms: 15_000 });
  }
  return actions;
};

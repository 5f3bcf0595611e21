import {
  initialPlannerState,
  nextPlannerState,
  proposeActions,
  signalsOf,
  type SignalName,
} from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import { traceEvent, TRACE_FILE } from '../loop/decision-trace.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import type { phasesFlags } from '../table/demo-flags.ts';

/** Six intervals of one workload: calm, drift, a straggler besides, and calm until the profile is locked again. */
const PHASES: readonly { readonly name: string; readonly on: readonly SignalName[] }[] = [
  { name: 'calm', on: [] },
  { name: 'drift', on: ['drift'] },
  { name: 'drift and straggler', on: ['drift', 'straggler'] },
  { name: 'cleared', on: [] },
  { name: 'stable', on: [] },
  { name: 'stable again', on: [] },
];

/** Walks the planner through an incident, its recovery and the relock, and traces each decision. */
export const demoPhases: CommandRun<typeof phasesFlags> = async (flags, { now, print }) => {
  const out = openOutDir(flags.out, now);
  let state = initialPlannerState();
  const phases = PHASES.map(({ name, on }, tick) => {
    const signals = signalsOf({
      drift: on.includes('drift'),
      burst: on.includes('burst'),
      straggler: on.includes('straggler'),
      gpu_saturated: on.includes('gpu_saturated'),
    });
    const actions = proposeActions('chord', signals, state);
    state = nextPlannerState(state, signals);
    out.appendLine(
      TRACE_FILE,
      traceEvent({ tick, mode: 'DEMO', signals, actions, results: { dry_run: true } }),
    );
    print(`${tick + 1} ${name}: ${actions.map(({ knob }) => knob).join(', ') || 'nothing'}`);
    return { tick, name, signals, actions };
  });
  out.report('mk068', { schema_version: 'mk068.v0', phases });
  return EXIT.done;
};

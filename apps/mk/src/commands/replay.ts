import { observeFile } from '@holdfast/telemetry';
import {
  detectSignals,
  initialPlannerState,
  nextPlannerState,
  proposeActions,
  type Action,
} from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { splitWindows } from '../replay/split-windows.ts';
import type { replayFlags } from '../table/eval-flags.ts';

const countKnobs = (actions: readonly Action[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { knob } of actions) counts[knob] = (counts[knob] ?? 0) + 1;
  return counts;
};

/**
 * What a policy would have proposed, window by window, on a recording. The samples are those of what really happened: how
 * they would have changed is not guessed at.
 */
export const replay: CommandRun<typeof replayFlags> = async (flags, { now, print }) => {
  if (flags.window === 0) throw new MkError('--window 0: expected more than no time');
  const { series } = await observeFile(flags.path);
  const out = openOutDir(flags.out, now);
  let state = initialPlannerState();
  const windows = splitWindows(series, flags.window).map((window) => {
    const signals = detectSignals(window.series);
    const actions = proposeActions(flags.policy, signals, state);
    state = nextPlannerState(state, signals);
    return {
      start_ms: window.start_ms,
      sample_count: window.series.length,
      signals,
      actions,
    };
  });
  const actions = windows.flatMap((window) => window.actions);
  const { latestPath } = out.report('replay', {
    schema_version: 'replay.v0',
    policy: flags.policy,
    path: flags.path,
    window_ms: flags.window,
    window_count: windows.length,
    incident_windows: windows.filter(({ signals }) => signals.incident).length,
    action_count: actions.length,
    actions_by_knob: countKnobs(actions),
    windows,
  });
  print(`${actions.length} actions in ${windows.length} windows: ${latestPath}`);
  return EXIT.done;
};

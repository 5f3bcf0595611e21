import { observeFile } from '@holdfast/telemetry';
import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { countKnobs, replayPolicy } from '../replay/replay-policy.ts';
import type { replayFlags } from '../table/eval-flags.ts';

/** What a policy would have proposed, window by window, on a recording. */
export const replay: CommandRun<typeof replayFlags> = async (flags, { now, print }) => {
  if (flags.window === 0) throw new MkError('--window 0: expected more than no time');
  const { series } = await observeFile(flags.path);
  const out = openOutDir(flags.out, now);
  const windows = replayPolicy(flags.policy, series, flags.window);
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

import { observeFile } from '@holdfast/telemetry';
import { lazyList } from '../artifacts/lazy-list.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { countKnobs, replayPolicy } from '../replay/replay-policy.ts';
import { readWindows, type RecordedWindows } from '../replay/window-signals.ts';
import type { replayFlags } from '../table/eval-flags.ts';

/** The samples themselves, which may be a million, are not held any longer than they are read. */
const recorded = async (path: string, windowMs: number): Promise<RecordedWindows> => {
  const { series } = await observeFile(path);
  return readWindows(series, windowMs);
};

/** What a policy would have proposed, window by window, on a recording. */
export const replay: CommandRun<typeof replayFlags> = async (flags, { now, print }) => {
  if (flags.window === 0) throw new MkError('--window 0: expected more than no time');
  const out = openOutDir(flags.out, now);
  const windows = await recorded(flags.path, flags.window);
  let [incidents, actionCount] = [0, 0];
  const actionsByKnob: Record<string, number> = {};
  for (const { signals, actions } of replayPolicy(flags.policy, windows)) {
    incidents += signals.incident ? 1 : 0;
    actionCount += actions.length;
    countKnobs(actionsByKnob, actions);
  }
  const { latestPath } = out.report('replay', {
    schema_version: 'replay.v0',
    policy: flags.policy,
    path: flags.path,
    window_ms: flags.window,
    window_count: windows.length,
    incident_windows: incidents,
    action_count: actionCount,
    actions_by_knob: actionsByKnob,
    windows: lazyList(() => replayPolicy(flags.policy, windows)),
  });
  print(`${actionCount} actions in ${windows.length} windows: ${latestPath}`);
  return EXIT.done;
};

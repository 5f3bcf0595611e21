import { canTransition, standing } from '@holdfast/change';
import type { Change, Reason, RunReport } from '@holdfast/contracts';
import { ENGINE, outlineSteps } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { applyMove, type Move } from './move.ts';

/** An undo that fails is not undone in turn: what is left is said, and for a person to look at. */
const targetState = ({ kind }: Change, report: RunReport): Change['state'] =>
  report.state === 'failed' && report.needs_revert && kind !== 'revert'
    ? 'reverting'
    : report.state;

const failure = ({ code, detail }: RunReport): Reason => ({
  code: code ?? 'step_failed',
  detail: detail || 'the run failed without saying why',
});

/** Why it stands where it stands: how it failed, or what a run that goes on waits for. */
const reasonsOf = (
  change: Change,
  report: RunReport,
  isNews: boolean,
): Pick<Partial<Change>, 'reasons'> => {
  if (report.state === 'failed') return { reasons: [failure(report)] };
  if (report.code !== undefined)
    return { reasons: [{ code: report.code, detail: report.detail || 'it did not say why' }] };
  return isNews ? {} : { reasons: [standing({ ...change, steps: report.steps })] };
};

/** What a report makes of a change; nothing when it is old or the run's end is known already. */
const moveOf = ({ change, notes }: ChangeRecord, report: RunReport): Move | undefined => {
  if (report.seq <= notes.run_seq) return undefined;
  const to = targetState(change, report);
  const isNews = canTransition(change.state, to);
  if (!isNews && change.state !== to) return undefined;
  return {
    actor: ENGINE,
    ...(isNews ? { to } : {}),
    patch: {
      steps: report.steps,
      observation: report.observation,
      ...reasonsOf(change, report, isNews),
    },
    notes: { run_seq: report.seq, run_started: true },
    data: {
      steps: outlineSteps(report.steps),
      observation: report.observation,
      ...(report.watched.length === 0
        ? {}
        : { signals: { baseline: report.baseline, watched: report.watched } }),
    },
  };
};

/** A run that ended after its watch: governance may hear of the watch and of its end in one report. */
const hasWatched = ({ state, code }: RunReport): boolean =>
  state === 'done' || code === 'watch_failed';

const enterWatch = ({ change, notes }: ChangeRecord, report: RunReport): Move | undefined =>
  report.seq > notes.run_seq && change.state === 'applying'
    ? { to: 'watching', actor: ENGINE, patch: { steps: report.steps } }
    : undefined;

/** Takes in a report of the workflow engine, once each; answers the newest sequence number that was handled. */
export const takeReport = async (parts: Parts, report: RunReport): Promise<{ seq: number }> => {
  const { notes } = await parts.changes.update(report.id, (record) => {
    const first = hasWatched(report) ? enterWatch(record, report) : undefined;
    if (first === undefined) return moveOf(record, report);
    const watching = applyMove(record, first, parts.context.clock.iso()).record;
    const last = moveOf(watching, report);
    return last && { ...last, first };
  });
  parts.kick(report.id);
  return { seq: Math.max(notes.run_seq, report.seq) };
};

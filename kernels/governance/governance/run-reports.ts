import { canTransition } from '@holdfast/change';
import type { Change, Reason, RunReport } from '@holdfast/contracts';
import { ENGINE, outlineSteps } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import type { Move } from './move.ts';

const targetState = (report: RunReport): Change['state'] =>
  report.state === 'failed' && report.needs_revert ? 'reverting' : report.state;

const failure = ({ code, detail }: RunReport): Reason => ({
  code: code ?? 'step_failed',
  detail: detail || 'the run failed without saying why',
});

/** What a report makes of a change; nothing when it is old or the run's end is known already. */
const moveOf = ({ change, notes }: ChangeRecord, report: RunReport): Move | undefined => {
  if (report.seq <= notes.run_seq) return undefined;
  const to = targetState(report);
  const isNews = canTransition(change.state, to);
  if (!isNews && change.state !== to) return undefined;
  return {
    actor: ENGINE,
    ...(isNews ? { to } : {}),
    patch: {
      steps: report.steps,
      observation: report.observation,
      ...(report.state === 'failed' ? { reasons: [failure(report)] } : {}),
    },
    notes: { run_seq: report.seq, run_started: true },
    data: { steps: outlineSteps(report.steps), observation: report.observation },
  };
};

/** Takes in a report of the workflow engine, once each; answers the newest sequence number that was handled. */
export const takeReport = async (parts: Parts, report: RunReport): Promise<{ seq: number }> => {
  const { notes } = await parts.changes.update(report.id, (record) => moveOf(record, report));
  parts.kick(report.id);
  return { seq: Math.max(notes.run_seq, report.seq) };
};

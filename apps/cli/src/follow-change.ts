import { gateErrors, isTerminal, type Change } from '@holdfast/contracts';
import { EXIT } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { note } from './output.ts';
import type { Session } from './session.ts';

const WAIT_MS = 20_000;

/** Waits until a change needs nobody's patience any more: finished, or waiting for an approval. */
export const followChange = async (
  context: CliContext,
  session: Session,
  first: Change,
): Promise<Change> => {
  let change = first;
  let told = '';
  for (;;) {
    if (change.state !== told) note(context, `  ${change.id}: ${change.state}`);
    told = change.state;
    if (isTerminal(change.state) || change.state === 'waiting') return change;
    change = await session.governance.getChange({
      id: change.id,
      after_version: change.version,
      wait_ms: WAIT_MS,
    });
  }
};

/** 0 done, 2 when the gate or a person said no (or not yet), 1 when it failed or was undone. */
export const exitOfChange = (change: Change): number => {
  if (change.state === 'done') return EXIT.done;
  if (change.reasons.some((reason) => reason.code === 'nothing_to_do')) return EXIT.done;
  const refused = ['blocked', 'waiting', 'rejected', 'expired'].includes(change.state);
  const byGate =
    change.reasons.some((reason) => Object.hasOwn(gateErrors, reason.code)) &&
    change.state === 'failed';
  return refused || byGate ? EXIT.refused : EXIT.failed;
};

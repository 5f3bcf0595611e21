import { patient } from '@holdfast/client';
import { gateErrors, isTerminal, type Change } from '@holdfast/contracts';
import { CliError, EXIT } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { note } from './output.ts';
import type { Session } from './session.ts';

const WAIT_MS = 10_000;
const LIMIT_MS = 900_000;

/** Allowed, and applied only once somebody asks for it. */
const isOnHold = ({ state, held }: Change): boolean => state === 'approved' && held;

/**
 * Waits until a change needs nobody's patience any more: finished, waiting for people, or on hold. What it is asked of may be
 * replaced by the change itself. Throws when that takes too long.
 */
export const followChange = async (
  context: CliContext,
  session: Session,
  first: Change,
): Promise<Change> => {
  let change = first;
  let told = '';
  const until = performance.now() + LIMIT_MS;
  for (;;) {
    if (change.state !== told) note(context, `  ${change.id}: ${change.state}`);
    told = change.state;
    if (isTerminal(change.state) || change.state === 'waiting' || isOnHold(change)) return change;
    const { id, state, version: after_version } = change;
    if (performance.now() > until)
      throw new CliError(`change ${id} is still ${state}`, {
        next: `\`bin/holdfast changes watch ${id}\` shows how it goes on`,
      });
    change = await patient(() =>
      session.governance.getChange({ id, after_version, wait_ms: WAIT_MS }),
    );
  }
};

/** 0 done or ready to be applied, 2 when the gate or a person said no (or not yet), 1 when it failed or was undone. */
export const exitOfChange = (change: Change): number => {
  if (change.state === 'done' || isOnHold(change)) return EXIT.done;
  if (change.reasons.some((reason) => reason.code === 'nothing_to_do')) return EXIT.done;
  const refused = ['blocked', 'waiting', 'rejected', 'expired'].includes(change.state);
  const byGate =
    change.reasons.some((reason) => Object.hasOwn(gateErrors, reason.code)) &&
    change.state === 'failed';
  return refused || byGate ? EXIT.refused : EXIT.failed;
};

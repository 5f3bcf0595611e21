import { isHoldfastError, isTerminal, type Change } from '@holdfast/contracts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { note } from './output.ts';
import type { Session } from './session.ts';

const PATIENCE_MS = 120_000;
const PAUSE_MS = 200;
const WAIT_MS = 10_000;

const isAway = (error: unknown): boolean => isHoldfastError(error) && error.row.retry === 'later';

/** While settings are put in force, what answers is replaced itself: a call is put again until somebody is there. */
export const patient = async <T>(call: () => Promise<T>): Promise<T> => {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isAway(error) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};

/** Waits until a change of settings is in force. Throws with what it ended as, when it is not. */
export const followSettings = async (
  context: CliContext,
  { governance }: Session,
  id: string,
): Promise<Change> => {
  let change = await patient(() => governance.getChange({ id }));
  let told = '';
  for (;;) {
    const { state, version, held, reasons } = change;
    if (state !== told) note(context, `  ${id}: ${state}`);
    told = state;
    if (state === 'done') return change;
    if (isTerminal(state) || (state === 'waiting' && !held)) {
      const why = reasons.map(({ detail }) => detail).join('; ');
      throw new CliError(`change ${id} is ${state}: ${why}`, {
        next: `\`bin/holdfast changes show ${id}\` tells all of it`,
      });
    }
    change = await patient(() =>
      governance.getChange({ id, after_version: version, wait_ms: WAIT_MS }),
    );
  }
};

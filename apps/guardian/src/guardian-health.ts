import type { OpOutput, guardianApi } from '@holdfast/contracts';
import type { Custody } from './custody/custody.ts';
import type { Journal } from './journal/journal.ts';
import type { Spare } from './supervision/spare.ts';
import type { Takeover } from './supervision/takeover.ts';

interface Parts {
  readonly custody: Pick<Custody, 'lookAtKeeper'>;
  readonly journal: Pick<Journal, 'health'>;
  readonly spare: Pick<Spare, 'pid'>;
  readonly takeover: Pick<Takeover, 'adopted'> | undefined;
}

/** The guardian itself, now: degraded while its keeper hangs or is missing, and while its journal cannot be written. */
export const guardianHealth = async (
  parts: Parts,
): Promise<OpOutput<(typeof guardianApi)['ops']['getGuardianHealth']>> => {
  const { custody, spare, takeover } = parts;
  const keeper = await custody.lookAtKeeper();
  const journal = parts.journal.health();
  return {
    status: keeper.answers && journal.ok ? 'ok' : 'degraded',
    pid: process.pid,
    keeper_pid: keeper.pid ?? null,
    spare_pid: spare.pid ?? null,
    adopted: takeover?.adopted ?? 0,
    uptime_s: process.uptime(),
    journal,
  };
};

import type { GovernanceContext } from '../context.ts';

/**
 * Has the gate asked again about everything that waits for people, or was approved and not applied: somebody's word may
 * not count any more, or somebody else's does now. Never rejects: what cannot be looked up now is looked at when the
 * kernel starts, and in any case right before it is applied.
 */
export const createLookAgain =
  ({ store, log }: Pick<GovernanceContext, 'store' | 'log'>, kick: (change: string) => void) =>
  async (): Promise<void> => {
    try {
      const rows = await store.read<{ id: string }>(
        "SELECT id FROM changes WHERE open = 1 AND state IN ('waiting', 'approved') ORDER BY seq",
      );
      for (const { id } of rows) kick(id);
    } catch (error) {
      log.warn({ err: error }, 'looking again at what waits for approvals failed');
    }
  };

import { EVENT_TYPES, HOST_STATUSES } from '@holdfast/contracts';
import type { InfrastructureContext } from '../config.ts';
import { SELF } from './host-events.ts';
import type { HostRegistry } from './host-registry.ts';
import type { HostStatusKeeper } from './host-status.ts';

const SAVE_EVERY_MS = 10_000;
const SWEEPS_PER_LIMIT = 5;

/** The background loops of host health; each ends with the signal of the context. */
export const runHealthWatch = async (
  context: InfrastructureContext,
  hosts: HostRegistry,
  status: HostStatusKeeper,
): Promise<void> => {
  const { clock, config, log, signal } = context;

  const every = async (ms: number, name: string, turn: () => Promise<void>): Promise<void> => {
    for (;;) {
      await clock.sleep(ms, signal);
      if (signal.aborted) return;
      await turn().catch((error: unknown) => log.error({ err: error }, `${name} failed`));
    }
  };

  const publishSummary = async (): Promise<void> => {
    const all = hosts.all();
    const counts = HOST_STATUSES.map((name) => [
      name,
      all.filter(({ record }) => record.status === name).length,
    ]);
    const data = { total: all.length, ...Object.fromEntries(counts), timestamp: clock.iso() };
    await context.commit(
      [],
      [{ type: EVENT_TYPES.healthSummary, actor: SELF, priority: 'low', data }],
    );
  };

  await Promise.all([
    every(config.health_interval_s * 1000, 'publishing the health summary', publishSummary),
    every((config.offline_after_s * 1000) / SWEEPS_PER_LIMIT, 'looking for silent hosts', () =>
      status.sweepSilent(),
    ),
    every(SAVE_EVERY_MS, 'saving heartbeats', () => hosts.saveHeartbeats()),
  ]);
};

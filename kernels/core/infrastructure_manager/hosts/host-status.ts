import type { HostMetrics } from '@holdfast/contracts';
import type { InfrastructureContext } from '../config.ts';
import { hostStatusChanged } from './host-events.ts';
import { judgeHeartbeat, type HostStatus } from './host-health.ts';
import type { HostRegistry } from './host-registry.ts';

/** Keeps the status of hosts true: each change of it is one event, committed with the change. */
export interface HostStatusKeeper {
  /** Takes one heartbeat; durable only where it changes the status. */
  heartbeat(id: string, metrics: HostMetrics): Promise<void>;
  /** Marks hosts whose agent fell silent as offline. */
  sweepSilent(): Promise<void>;
}

export const createHostStatusKeeper = (
  { clock, config }: InfrastructureContext,
  hosts: HostRegistry,
): HostStatusKeeper => {
  // Silence counts from this kernel's own start: while it was away nobody could report.
  const startedMs = clock.now();
  const limitMs = config.offline_after_s * 1000;

  const change = (id: string, decide: () => { status: HostStatus; reason: string } | undefined) =>
    hosts.update(id, ({ record }) => {
      const verdict = decide();
      if (!verdict || verdict.status === record.status) return undefined;
      const { status, reason } = verdict;
      return {
        record: { status, status_reason: reason },
        events: [hostStatusChanged(record, status, reason, clock.iso())],
      };
    });

  const isSilent = (lastSeenMs: number | undefined): boolean =>
    clock.now() - Math.max(lastSeenMs ?? 0, startedMs) > limitMs;

  return {
    async heartbeat(id, metrics) {
      const state = hosts.resolve(id);
      state.metrics = metrics;
      state.lastSeenMs = clock.now();
      state.unsaved = true;
      const verdict = judgeHeartbeat(state.record.status, state.streak, metrics);
      state.streak = verdict.streak;
      if (verdict.status !== state.record.status) await change(id, () => verdict);
    },
    async sweepSilent() {
      for (const { record, publicKey, lastSeenMs } of hosts.all()) {
        if (publicKey === undefined || record.status === 'offline' || !isSilent(lastSeenMs))
          continue;
        await change(record.id, () => {
          if (!isSilent(hosts.resolve(record.id).lastSeenMs)) return undefined;
          const reason = `no heartbeat for ${config.offline_after_s} s`;
          return { status: 'offline', reason };
        });
      }
    },
  };
};

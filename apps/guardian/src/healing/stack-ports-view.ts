import type { GuardianStatus, KernelId } from '@holdfast/contracts';
import { KERNEL_TABLE } from '@holdfast/contracts';
import type { Supervisor } from '../supervision/supervisor.ts';
import type { PortsView } from './ports-view.ts';

interface Options {
  readonly kernels: readonly KernelId[];
  readonly supervisor: Supervisor;
  readonly portOffset: number;
  status(): GuardianStatus;
  /** What an earlier guardian held, and where it is kept for a later one. */
  readonly paused: Readonly<Record<string, string>>;
  remember(paused: Readonly<Record<string, string>>): void;
}

const PORTS = KERNEL_TABLE.map((row) => row.port);
const FIRST = Math.min(...PORTS);
/** Tiers have ten ports each. */
const LAST = Math.max(...PORTS) - (Math.max(...PORTS) % 10) + 9;

/** The port map of this stack as the operations show it, and what may be changed of it. */
export const createStackPortsView = (options: Options): PortsView & { restorePauses(): void } => {
  const { kernels, supervisor, portOffset } = options;
  const until = new Map<KernelId | 'all', Date>(
    Object.entries(options.paused).map(([name, date]) => [name as KernelId, new Date(date)]),
  );

  const live = (): ReadonlyMap<KernelId | 'all', Date> => {
    for (const [name, date] of until) if (date.getTime() <= Date.now()) until.delete(name);
    return until;
  };
  const apply = (): void => {
    const paused = live();
    for (const id of kernels) supervisor.one(id)?.pause(paused.get(id) ?? paused.get('all'));
  };

  const change = (): void => {
    apply();
    options.remember(
      Object.fromEntries([...live()].map(([name, date]) => [name, date.toISOString()])),
    );
  };

  return {
    restorePauses: apply,
    assignments: () => options.status().kernels,
    state: () => options.status().state,
    portRange: () => `${FIRST + portOffset}-${LAST + portOffset}`,
    async measure(id) {
      const one = supervisor.one(id);
      const startedAt = one?.state().startedAt;
      const requests = await one?.requests();
      if (requests === undefined || startedAt === undefined) return undefined;
      return { uptime_s: (Date.now() - startedAt.getTime()) / 1_000, requests };
    },
    checkAll: () => supervisor.checkAll(),
    resetFailures: (id) => supervisor.one(id)?.resetFailures(),
    paused: live,
    pause(id, date) {
      until.set(id ?? 'all', date);
      change();
    },
    resume(id) {
      if (id === undefined) until.clear();
      else until.delete(id);
      change();
    },
  };
};

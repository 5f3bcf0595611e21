import type { GuardianStatus, KernelId } from '@holdfast/contracts';
import { KERNEL_TABLE } from '@holdfast/contracts';
import { createTimepiece, type Timepiece } from '../journal/timepiece.ts';
import { beginPause, createPause, type Pause, type PauseRecord } from '../supervision/pause.ts';
import type { Supervisor } from '../supervision/supervisor.ts';
import type { PortsView } from './ports-view.ts';

interface Options {
  readonly kernels: readonly KernelId[];
  readonly supervisor: Supervisor;
  readonly portOffset: number;
  status(): GuardianStatus;
  /** What an earlier guardian held, and where it is kept for a later one. */
  readonly paused: Readonly<Record<string, PauseRecord>>;
  remember(paused: Readonly<Record<string, PauseRecord>>): void;
  readonly timepiece?: Timepiece;
}

const PORTS = KERNEL_TABLE.map((row) => row.port);
const FIRST = Math.min(...PORTS);
/** Tiers have ten ports each. */
const LAST = Math.max(...PORTS) - (Math.max(...PORTS) % 10) + 9;

/** The port map of this stack as the operations show it, and what may be changed of it. */
export const createStackPortsView = (options: Options): PortsView & { restorePauses(): void } => {
  const { kernels, supervisor, portOffset, timepiece = createTimepiece() } = options;
  const records = new Map(Object.entries(options.paused));

  const live = (): ReadonlyMap<KernelId | 'all', Pause> => {
    const pauses = new Map<KernelId | 'all', Pause>();
    for (const [name, record] of records) {
      const pause = createPause(record, timepiece);
      if (pause.leftMs() > 0) pauses.set(name as KernelId | 'all', pause);
      else records.delete(name);
    }
    return pauses;
  };
  const apply = (): void => {
    const paused = live();
    for (const id of kernels) supervisor.one(id)?.pause(paused.get(id) ?? paused.get('all'));
  };

  const change = (): void => {
    apply();
    options.remember(Object.fromEntries(records));
  };

  return {
    restorePauses: apply,
    assignments: () => options.status().kernels,
    state: () => options.status().state,
    portRange: () => `${FIRST + portOffset}-${LAST + portOffset}`,
    async measure(id) {
      const one = supervisor.one(id);
      const bornAt = one?.state().bornAt;
      const requests = await one?.requests();
      if (requests === undefined || bornAt === undefined) return undefined;
      return { uptime_s: (performance.now() - bornAt) / 1_000, requests };
    },
    checkAll: () => supervisor.checkAll(),
    resetFailures: (id) => supervisor.one(id)?.resetFailures(),
    paused: () => new Map([...live()].map(([name, { until }]) => [name, until])),
    pause(id, forMs) {
      const record = beginPause(forMs, timepiece);
      records.set(id ?? 'all', record);
      change();
      return new Date(record.until);
    },
    resume(id) {
      if (id === undefined) records.clear();
      else records.delete(id);
      change();
    },
  };
};

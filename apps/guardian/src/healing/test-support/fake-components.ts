import { KERNEL_TABLE, kernelRow, type KernelId } from '@holdfast/contracts';
import { BindError, type ProcessIdentity } from '@holdfast/sdk/process';
import type { ProbeResult } from '../../supervision/health-probe.ts';
import type { ProcessState } from '../../supervision/supervised-process.ts';
import type { Components } from '../components.ts';

type Started = ProcessIdentity & { readonly name: string };

/** A stack of kernels in memory that a test can break: every kernel of the table is enabled unless told. */
export interface FakeComponents extends Components {
  set(id: KernelId, state: Partial<ProcessState>): void;
  /** Makes restarts of the kernel fail with this reason. */
  refuseRestart(id: KernelId, why: string): void;
  /** A foreign process or a stray one of ours has its port. */
  loseSocket(id: KernelId, owner?: Started): void;
  takenPorts: Set<number>;
  readonly calls: string[];
}

interface Options {
  readonly kernels?: readonly KernelId[];
  readonly portOffset?: number;
  readonly ports?: Partial<Record<KernelId, number>>;
  /** Held restarts wait for this. */
  readonly gate?: () => Promise<void>;
  readonly onEnd?: (identity: ProcessIdentity) => Promise<void>;
  readonly canTake?: (port: number) => Promise<boolean>;
}

export const createFakeComponents = (options: Options = {}): FakeComponents => {
  const kernels = options.kernels ?? KERNEL_TABLE.map((row) => row.id);
  const offset = options.portOffset ?? 0;
  const states = new Map<KernelId, ProcessState>();
  const ports = new Map<KernelId, number>(
    KERNEL_TABLE.map((row) => [row.id, options.ports?.[row.id] ?? row.port + offset]),
  );
  const refusals = new Map<KernelId, string>();
  const lost = new Map<KernelId, Started | undefined>();
  const calls: string[] = [];
  let nextPid = 1_000_000;
  kernels.forEach((id, index) =>
    states.set(id, {
      status: 'healthy',
      reason: '',
      pid: 900_000 + index,
      failures: 0,
      restarts: 0,
    }),
  );
  const none: ProcessState = {
    status: 'not_installed',
    reason: 'this build does not ship it',
    failures: 0,
    restarts: 0,
  };
  const state = (id: KernelId): ProcessState => states.get(id) ?? none;
  const fake: FakeComponents = {
    calls,
    takenPorts: new Set(),
    set: (id, next) => void states.set(id, { ...state(id), ...next }),
    refuseRestart: (id, why) => void refusals.set(id, why),
    loseSocket(id, owner) {
      lost.set(id, owner);
      fake.set(id, { status: 'failed', reason: 'its port is taken', pid: undefined });
    },
    kernels: () => kernels,
    resolve: (name) => KERNEL_TABLE.find((row) => row.id === name || row.name === name)?.id,
    state: (name) => state(name as KernelId),
    portOf: (id) => ports.get(id),
    assignedPorts: () =>
      new Map([
        ...KERNEL_TABLE.map((row) => [row.port + offset, row.id] as const),
        ...[...ports].map(([id, port]) => [port, id] as const),
      ]),
    probe: async (id): Promise<ProbeResult> => {
      const { status, reason } = state(id);
      return status === 'healthy' ? { ok: true } : { ok: false, alive: false, reason };
    },
    async restart(id) {
      calls.push(`restart ${id}`);
      await options.gate?.();
      const why = refusals.get(id) ?? (lost.has(id) ? 'its port is taken' : undefined);
      if (why !== undefined) {
        fake.set(id, { status: 'failed', reason: why, pid: undefined });
        throw new Error(why);
      }
      const pid = (nextPid += 1);
      fake.set(id, { status: 'healthy', reason: '', pid });
      return pid;
    },
    holdsPort: (id) => !lost.has(id),
    async takePort(id) {
      calls.push(`take ${id}`);
      const free = (await options.canTake?.(ports.get(id)!)) ?? lost.get(id) === undefined;
      if (free) lost.delete(id);
      return free;
    },
    startedHere: async (pid) => [...lost.values()].find((one) => one?.pid === pid),
    async end(identity) {
      calls.push(`end ${identity.pid}`);
      await options.onEnd?.(identity);
    },
    async move(id, port) {
      calls.push(`move ${id} ${port}`);
      if (fake.takenPorts.has(port)) throw new BindError('EADDRINUSE', '127.0.0.1', port);
      ports.set(id, port);
      lost.delete(id);
      await fake.restart(id, `moved from ${kernelRow(id).port}`);
    },
  };
  return fake;
};

import type {
  Assignment,
  GuardianStatus,
  KernelId,
  KernelState,
  ProcessName,
  Profile,
} from '@holdfast/contracts';
import { KERNEL_TABLE, VERSION } from '@holdfast/contracts';
import type { ProcessState } from './supervision/supervised-process.ts';

export interface StatusSource {
  readonly profile: Profile;
  readonly startedAt: Date;
  readonly shipped: readonly KernelId[];
  readonly stopping: boolean;
  /** Everything that was wanted has come up or was given up on. */
  readonly settled: boolean;
  readonly gatewayPort: number;
  readonly gatewayHost: string;
  /** Every process of this stack. */
  readonly names: readonly ProcessName[];
  stateOf(name: string): ProcessState | undefined;
  portOf(name: ProcessName): number | undefined;
  /** Why the agent is not there, when it is not. */
  readonly agentReason: string;
}

type Row = Pick<Assignment, 'name' | 'tier'> & { readonly port?: number; readonly host: string };

const toAssignment = (row: Row, state: ProcessState): Assignment => {
  const url = row.port === undefined ? null : `http://${row.host}:${row.port}`;
  return {
    name: row.name,
    port: row.port ?? null,
    tier: row.tier,
    status: state.status,
    reason: state.reason,
    pid: state.pid ?? null,
    started_at: state.startedAt?.toISOString() ?? null,
    last_check: state.lastCheck?.toISOString() ?? null,
    failures: state.failures,
    restarts: state.restarts,
    health_url: url && `${url}/health`,
    metrics_url: url && `${url}/metrics`,
  };
};

const absent = (status: KernelState, reason: string): ProcessState => ({
  status,
  reason,
  failures: 0,
  restarts: 0,
});

const kernelState = (source: StatusSource, id: KernelId): ProcessState => {
  if (!source.shipped.includes(id)) return absent('not_installed', 'this build does not ship it');
  const why = `kernels.${id}.enabled is not true in profile ${source.profile.name}`;
  return source.stateOf(id) ?? absent('not_started', why);
};

const overall = (source: StatusSource, wanted: readonly Assignment[]): GuardianStatus['state'] => {
  if (source.stopping) return 'stopping';
  if (wanted.every((one) => ['healthy', 'idle'].includes(one.status))) return 'running';
  return source.settled ? 'degraded' : 'starting';
};

/** The stack as it is now: every kernel of the table, and the processes beside the kernels. */
export const guardianStatus = (source: StatusSource): GuardianStatus => {
  const host = '127.0.0.1';
  const kernels = KERNEL_TABLE.map(({ id, tier }) =>
    toAssignment({ name: id, tier, port: source.portOf(id), host }, kernelState(source, id)),
  );
  const gateways = source.names.filter((name) => name.startsWith('gateway'));
  const door = { tier: 'door', port: source.gatewayPort, host: source.gatewayHost };
  const agent = source.stateOf('agent') ?? absent('not_started', source.agentReason);
  const processes = [
    ...gateways.map((name) =>
      toAssignment({ name, ...door }, source.stateOf(name) ?? absent('not_started', '')),
    ),
    toAssignment({ name: 'agent', tier: 'host', host }, agent),
  ];
  const wanted = [...kernels, ...processes].filter(
    (one) => !['not_installed', 'not_started'].includes(one.status),
  );
  return {
    pid: process.pid,
    started_at: source.startedAt.toISOString(),
    profile: source.profile.name,
    version: VERSION,
    state: overall(source, wanted),
    check_interval_s: source.profile.guardian.check_interval_s,
    kernels,
    processes,
  };
};

import { HoldfastError, kernelPrincipal, type Event, type Run } from '@holdfast/contracts';
import {
  createIds,
  createKernelHost,
  createLogger,
  dispatch,
  type Clock,
  type KernelDefinition,
} from '@holdfast/sdk';
import type { Migration, Store } from '@holdfast/store';
import { testProfile } from '@holdfast/testkit';
import { workflowEngine } from '../kernel.ts';
import type { PauseGate } from './pause-gate.ts';

type Ops = Readonly<Record<string, (input: never) => unknown>>;

/** What an engine runs on; several engines may be given the same store. */
export interface EngineSetting {
  readonly store: (migrations: readonly Migration[]) => Promise<Store>;
  /** Answers of other kernels by kernel and operation. */
  readonly doubles: Readonly<Record<string, Ops>>;
  readonly publish: (events: readonly Event[]) => void;
  readonly clock: Clock;
  readonly gate: PauseGate;
}

/** One engine process, in this one, all of whose inputs and outputs pass a gate. */
export interface EngineHost {
  startRun(input: object): Promise<Run>;
  stop(): Promise<void>;
}

/** Handing events over and reporting go on beside the driving of a run: a pause holds them, but starts at none. */
const isDriving = (sql: string): boolean => !/outbox|reported [=<]/.test(sql);

const gated = (store: Store, gate: PauseGate): Store => ({
  ...store,
  shared: true,
  read: <T>(sql: string, params?: Parameters<Store['read']>[1]) =>
    gate.around(() => store.read<T>(sql, params), isDriving(sql)),
  write: (statements) =>
    gate.around(() => store.write(statements), isDriving(statements[0]?.sql ?? '')),
  close: async () => {},
});

export const startEngine = async (setting: EngineSetting): Promise<EngineHost> => {
  const { clock, gate, doubles } = setting;
  const host = await createKernelHost(workflowEngine as unknown as KernelDefinition, {
    profile: testProfile(),
    home: '/nowhere',
    killSwitch: false,
    clock: { ...clock, sleep: (ms, signal) => gate.around(() => clock.sleep(ms, signal), false) },
    ids: createIds(clock),
    log: createLogger('workflow_engine', 'fatal'),
    transport: (api, name, _op, input) =>
      gate.around(async () => {
        const answer = doubles[api.kernel]?.[name];
        if (!answer) throw new HoldfastError('kernel_unavailable', { kernel: api.kernel });
        return structuredClone(await answer(structuredClone(input) as never));
      }, name !== 'reportRun'),
    openStore: async (migrations) => gated(await setting.store(migrations), gate),
    publish: (events) => gate.around(async () => setting.publish(events), false),
  });
  host.serve();
  const principal = kernelPrincipal('governance');
  const { signal } = new AbortController();
  return {
    startRun: (input) => dispatch(host, 'startRun', input, { principal, signal }) as Promise<Run>,
    stop: () => host.stop(),
  };
};

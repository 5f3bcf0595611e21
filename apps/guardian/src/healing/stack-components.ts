import { KERNEL_TABLE, isKernelId, kernelRow, type KernelId } from '@holdfast/contracts';
import { isSameProcess, terminate, type ProcessIdentity } from '@holdfast/sdk/process';
import { probeHealth } from '../supervision/health-probe.ts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import type { PortBook } from '../custody/port-book.ts';
import type { ProcessRecord } from '../home/run-files.ts';
import type { Supervisor } from '../supervision/supervisor.ts';
import type { SupervisedProcess } from '../supervision/supervised-process.ts';
import type { Components } from './components.ts';

interface Options {
  readonly kernels: readonly KernelId[];
  readonly supervisor: Supervisor;
  readonly ports: PortBook;
  /** Every process of this home that is on record, also those of an earlier guardian. */
  records(): readonly ProcessRecord[];
  readonly graceMs: number;
  readonly log: GuardianLog;
}

const resolve = (name: string): KernelId | undefined =>
  isKernelId(name) ? name : KERNEL_TABLE.find((row) => row.name === name)?.id;

/** What the healer may do, done by the supervisor and the port book of this stack. */
export const createStackComponents = (options: Options): Components => {
  const { kernels, supervisor, ports } = options;

  const one = (id: KernelId): SupervisedProcess => {
    const found = supervisor.one(id);
    if (found === undefined) throw new Error(`${id} is not part of this stack`);
    return found;
  };

  const startAt = async (id: KernelId, why: string): Promise<number> => {
    const pid = await one(id).restart(why);
    supervisor.tellPorts();
    return pid;
  };

  return {
    kernels: () => kernels,
    resolve,
    state: (name) => supervisor.stateOf(name) ?? NOT_STARTED,
    portOf: (id) => ports.portOf(id),
    assignedPorts: () => ports.assigned(),
    probe: (id) =>
      probeHealth({
        host: '127.0.0.1',
        port: ports.portOf(id) ?? 0,
        kernel: kernelRow(id).name,
      }),
    restart: (id, why) =>
      one(id).state().status === 'healthy' ? one(id).replace(why) : startAt(id, why),
    holdsPort: (id) => ports.holds(id),
    takePort: (id) => ports.take(id),
    async startedHere(pid) {
      const record = options.records().find((item) => item.pid === pid);
      return record !== undefined && (await isSameProcess(record)) ? record : undefined;
    },
    async end(identity: ProcessIdentity & { readonly name: string }) {
      const how = await terminate(identity, { graceMs: options.graceMs });
      const fields = { process: identity.name, child: identity.pid, how };
      options.log.warn('ended a process of an earlier guardian', fields);
    },
    async move(id, port) {
      await ports.move(id, port);
      supervisor.tellPorts();
      const why = `moved to port ${port}`;
      if (one(id).state().status === 'healthy') await one(id).replace(why);
      else await startAt(id, why);
      supervisor.tellPorts();
    },
  };
};

const NOT_STARTED = { status: 'not_started', reason: '', failures: 0, restarts: 0 } as const;

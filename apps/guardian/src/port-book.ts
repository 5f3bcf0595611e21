import type { KernelId, PortMap, ProcessName } from '@holdfast/contracts';
import { GATEWAY_PORT, HoldfastError, isKernelId, kernelRow } from '@holdfast/contracts';
import type { ListenHandle } from '@holdfast/sdk/process';
import { BindError, describeOwner, ownerOfPort } from '@holdfast/sdk/process';
import type { Custody } from './custody/custody.ts';
import type { MovedPorts } from './custody/moved-ports.ts';

export type PortHolder = KernelId | 'gateway';

/** A kernel that did not get the port that it was to have. */
export interface Displaced {
  readonly kernel: KernelId;
  readonly wanted: number;
  readonly port: number;
  readonly why: string;
}

/** The sockets of a stack. They stay open here and with the keeper while their processes come and go. */
export interface PortBook {
  handleOf(name: ProcessName): ListenHandle;
  /** One more copy of the socket, for somebody else to listen on. */
  copyOf(name: PortHolder): Promise<ListenHandle>;
  portOf(name: ProcessName): number | undefined;
  /** Ports of the kernels, without those in `except`. */
  portMap(except?: ReadonlySet<string>): PortMap;
  readonly gatewayPort: number;
  /** Kernels whose port somebody else held at the start. */
  readonly displaced: readonly Displaced[];
  /** Gives a kernel another port, for good; the old one is closed. Rejects with BindError. */
  move(id: KernelId, port: number): Promise<void>;
  /** Every port that belongs to a kernel: by the table, or by a move. */
  assigned(): ReadonlyMap<number, KernelId>;
  /** Closes one socket: callers are refused from now on. */
  release(name: ProcessName): void;
  releaseAll(): void;
}

interface Options {
  readonly custody: Custody;
  readonly moved: MovedPorts;
  readonly kernels: readonly KernelId[];
  readonly portOffset: number;
  /** Only the gateway listens there; kernels are on loopback. */
  readonly gatewayAddress: string;
  /** Ports of the tier that nobody has, nearest first. */
  freePorts(id: KernelId, assigned: ReadonlyMap<number, KernelId>): readonly number[];
}

const LOOPBACK = '127.0.0.1';
const holderOf = (name: ProcessName): PortHolder =>
  name.startsWith('gateway') ? 'gateway' : (name as KernelId);

const explain = async (error: unknown): Promise<string> => {
  if (!(error instanceof BindError)) throw error;
  return error.code === 'EADDRINUSE'
    ? describeOwner(await ownerOfPort(error.port))
    : `binding failed: ${error.code}`;
};

/**
 * Takes every port. A kernel whose port somebody else holds is moved to a free one of its tier; the gateway has no other
 * place: rejects with port_taken, which names the owner.
 */
export const openPortBook = async (options: Options): Promise<PortBook> => {
  const { custody, moved, kernels, portOffset } = options;
  const handles = new Map<PortHolder, ListenHandle>();
  const displaced: Displaced[] = [];
  const releaseAll = (): void => {
    for (const name of [...handles.keys()]) release(name);
  };
  const release = (name: ProcessName): void => {
    const holder = holderOf(name);
    if (handles.delete(holder)) custody.release(holder);
  };
  const wanted = (id: KernelId): number => moved.portOf(id) ?? kernelRow(id).port + portOffset;

  const assigned = (): Map<number, KernelId> => {
    const table = kernels.map((id) => [kernelRow(id).port + portOffset, id] as const);
    const now = [...handles].flatMap(([name, { port }]) =>
      isKernelId(name) ? [[port, name] as const] : [],
    );
    return new Map([...table, ...now]);
  };

  const holdElsewhere = async (id: KernelId, why: string): Promise<void> => {
    for (const port of options.freePorts(id, assigned())) {
      try {
        handles.set(id, await custody.hold({ name: id, address: LOOPBACK, port }));
      } catch (error) {
        if (error instanceof BindError) continue;
        throw error;
      }
      await moved.remember(id, port);
      displaced.push({ kernel: id, wanted: wanted(id), port, why });
      return;
    }
    throw new HoldfastError('port_taken', { port: wanted(id), name: id, detail: why });
  };

  const holdKernel = async (id: KernelId): Promise<void> => {
    try {
      handles.set(id, await custody.hold({ name: id, address: LOOPBACK, port: wanted(id) }));
    } catch (error) {
      await holdElsewhere(id, await explain(error));
    }
  };

  try {
    const port = GATEWAY_PORT + portOffset;
    const address = options.gatewayAddress;
    const gateway = custody.hold({ name: 'gateway', address, port }).catch(async (error) => {
      const detail = await explain(error);
      throw new HoldfastError('port_taken', { port, name: 'gateway', detail });
    });
    handles.set('gateway', await gateway);
    for (const id of kernels) await holdKernel(id);
  } catch (error) {
    releaseAll();
    throw error;
  }
  return {
    handleOf: (name) => handles.get(holderOf(name))!,
    copyOf: (name) => {
      const { address, port } = handles.get(name)!;
      return custody.copy({ name, address, port });
    },
    portOf: (name) => handles.get(holderOf(name))?.port,
    portMap: (except = new Set()) =>
      Object.fromEntries(
        [...handles]
          .filter(([name]) => isKernelId(name) && !except.has(name))
          .map(([name, handle]) => [name, handle.port]),
      ),
    gatewayPort: handles.get('gateway')!.port,
    displaced,
    async move(id, port) {
      const handle = await custody.hold({ name: id, address: LOOPBACK, port });
      handles.set(id, handle);
      await moved.remember(id, port);
    },
    assigned,
    release,
    releaseAll,
  };
};

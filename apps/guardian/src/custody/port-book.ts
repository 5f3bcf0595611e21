import type { KernelId, PortMap, ProcessName } from '@holdfast/contracts';
import {
  GATEWAY_PORT,
  HoldfastError,
  KERNEL_TABLE,
  isKernelId,
  kernelRow,
} from '@holdfast/contracts';
import type { ListenHandle } from '@holdfast/sdk/process';
import { BindError, describeOwner, ownerOfPort } from '@holdfast/sdk/process';
import type { Custody } from './custody.ts';
import type { MovedPorts } from './moved-ports.ts';

export type PortHolder = KernelId | 'gateway';

/** The sockets of a stack. They stay open here and with the keeper while their processes come and go. */
export interface PortBook {
  handleOf(name: ProcessName): ListenHandle;
  /** One more copy of the socket, for somebody else to listen on. */
  copyOf(name: PortHolder): Promise<ListenHandle>;
  /** Where the process answers, or would if the port could be had; undefined when it is not of this stack. */
  portOf(name: ProcessName): number | undefined;
  holds(name: ProcessName): boolean;
  /** Ports of the kernels that are held, without those in `except`. */
  portMap(except?: ReadonlySet<string>): PortMap;
  readonly gatewayPort: number;
  /** Tries to get a port that somebody else had. */
  take(id: KernelId): Promise<boolean>;
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
 * Takes every port. A kernel whose port somebody else has stays without one, for the healer to see to; the gateway has
 * no other place: rejects with port_taken, which names the owner.
 */
export const openPortBook = async (options: Options): Promise<PortBook> => {
  const { custody, moved, kernels, portOffset, gatewayAddress } = options;
  const handles = new Map<PortHolder, ListenHandle>();
  const wanted = (id: KernelId): number => moved.portOf(id) ?? kernelRow(id).port + portOffset;
  const hold = async (name: PortHolder, address: string, port: number): Promise<void> =>
    void handles.set(name, await custody.hold({ name, address, port }));

  const release = (name: ProcessName): void => {
    const holder = holderOf(name);
    if (handles.delete(holder)) custody.release(holder);
  };
  const take = async (id: KernelId): Promise<boolean> => {
    try {
      await hold(id, LOOPBACK, wanted(id));
      return true;
    } catch (error) {
      if (error instanceof BindError) return false;
      throw error;
    }
  };

  const gatewayPort = GATEWAY_PORT + portOffset;
  try {
    await hold('gateway', gatewayAddress, gatewayPort);
  } catch (error) {
    const detail = await explain(error);
    throw new HoldfastError('port_taken', { port: gatewayPort, name: 'gateway', detail });
  }
  await Promise.all(kernels.map(take));

  return {
    handleOf: (name) => {
      const handle = handles.get(holderOf(name));
      if (handle === undefined) throw new Error(`the port of ${name} is not held`);
      return handle;
    },
    copyOf: (name) => {
      const { address, port } = handles.get(name)!;
      return custody.copy({ name, address, port });
    },
    portOf(name) {
      const holder = holderOf(name);
      if (holder === 'gateway') return gatewayPort;
      const known = isKernelId(holder) && kernels.includes(holder);
      return known ? (handles.get(holder)?.port ?? wanted(holder)) : undefined;
    },
    holds: (name) => handles.has(holderOf(name)),
    portMap: (except = new Set()) =>
      Object.fromEntries(
        [...handles]
          .filter(([name]) => isKernelId(name) && !except.has(name))
          .map(([name, handle]) => [name, handle.port]),
      ),
    gatewayPort,
    take,
    async move(id, port) {
      const before = wanted(id);
      await moved.remember(id, port);
      try {
        await hold(id, LOOPBACK, port);
      } catch (error) {
        await moved.remember(id, before);
        throw error;
      }
    },
    assigned: () =>
      new Map([
        ...KERNEL_TABLE.map((row) => [row.port + portOffset, row.id] as const),
        ...kernels.map((id) => [handles.get(id)?.port ?? wanted(id), id] as const),
      ]),
    release,
    releaseAll() {
      for (const name of [...handles.keys()]) release(name);
    },
  };
};

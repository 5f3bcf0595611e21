import type { KernelId, PortMap } from '@holdfast/contracts';
import { GATEWAY_PORT, HoldfastError, isKernelId, kernelRow } from '@holdfast/contracts';
import type { ListenHandle } from '@holdfast/sdk/process';
import { BindError, bindListenHandle, describeOwner, ownerOfPort } from '@holdfast/sdk/process';
import { joinProblems } from '@holdfast/sdk/profile';

export type PortHolder = KernelId | 'gateway';

/** The sockets of a stack. They stay open here while their processes come and go. */
export interface PortBook {
  handleOf(name: PortHolder): ListenHandle;
  /** Ports of the kernels, without those in `except`. */
  portMap(except?: ReadonlySet<string>): PortMap;
  readonly gatewayPort: number;
  /** Closes one socket: callers are refused from now on. */
  release(name: PortHolder): void;
  releaseAll(): void;
}

interface Options {
  readonly kernels: readonly KernelId[];
  readonly portOffset: number;
  /** Only the gateway listens there; kernels are on loopback. */
  readonly gatewayAddress: string;
}

const LOOPBACK = '127.0.0.1';

const explain = async (name: string, error: unknown): Promise<HoldfastError> => {
  if (!(error instanceof BindError)) throw error;
  const { port, code } = error;
  const detail =
    code === 'EADDRINUSE' ? describeOwner(await ownerOfPort(port)) : `binding failed: ${code}`;
  return new HoldfastError('port_taken', { port, name, detail });
};

/** Binds every port, or none: throws port_taken with a line for each port that somebody else holds. */
export const openPortBook = async (options: Options): Promise<PortBook> => {
  const handles = new Map<PortHolder, ListenHandle>();
  const releaseAll = (): void => {
    for (const handle of handles.values()) handle.close();
    handles.clear();
  };
  const failures: { name: PortHolder; error: unknown }[] = [];
  const bind = (name: PortHolder, address: string, port: number): void => {
    try {
      handles.set(name, bindListenHandle(address, port + options.portOffset));
    } catch (error) {
      failures.push({ name, error });
    }
  };
  bind('gateway', options.gatewayAddress, GATEWAY_PORT);
  for (const id of options.kernels) bind(id, LOOPBACK, kernelRow(id).port);
  if (failures.length > 0) {
    releaseAll();
    const [first, ...rest] = await Promise.all(failures.map((one) => explain(one.name, one.error)));
    throw joinProblems([first!, ...rest]);
  }
  return {
    handleOf: (name) => handles.get(name)!,
    portMap: (except = new Set()) =>
      Object.fromEntries(
        [...handles]
          .filter(([name]) => isKernelId(name) && !except.has(name))
          .map(([name, handle]) => [name, handle.port]),
      ),
    gatewayPort: handles.get('gateway')!.port,
    release(name) {
      handles.get(name)?.close();
      handles.delete(name);
    },
    releaseAll,
  };
};

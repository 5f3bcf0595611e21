import { HoldfastError, type Api, type KernelId, type PortMap } from '@holdfast/contracts';
import { createKernelConnections, type KernelConnections } from './kernel-connections.ts';

/** Finds kernels by the live port map. */
export interface KernelDirectory {
  /** Throws not_installed for a kernel that is not in the profile, kernel_unavailable for one that has no port now. */
  port(kernel: Api['kernel']): number;
  connections(kernel: Api['kernel']): KernelConnections;
  /** Call it after each change: what waits for a kernel that has no port any more fails with kernel_unavailable. */
  portsChanged(): void;
  /**
   * Resolves when no kept connection to a port is left for the next request. Those that are busy end with their answer,
   * and so do new ones for a while: until the process there was replaced they may reach the old one.
   */
  letGo(port: number): Promise<void>;
  close(): void;
}

export interface KernelDirectoryOptions {
  ports(): PortMap;
  isEnabled(kernel: Api['kernel']): boolean;
  /** How late a time limit may be noticed. */
  readonly sweepMs: number;
}

/** Longer than any guardian takes from `let_go` to the end of the old process. */
const LET_GO_MS = 15_000;

/** Asks the port map at each call: when a kernel moved, new requests go to the new port and running ones finish. */
export const createKernelDirectory = (options: KernelDirectoryOptions): KernelDirectory => {
  const pools = new Map<string, KernelConnections>();
  const lettingGo = new Map<number, number>();

  const port = (kernel: Api['kernel']): number => {
    const found = options.ports()[kernel as KernelId];
    if (found !== undefined) return found;
    throw new HoldfastError(options.isEnabled(kernel) ? 'kernel_unavailable' : 'not_installed', {
      kernel,
    });
  };

  return {
    port,
    connections(kernel) {
      const now = port(kernel);
      const before = pools.get(kernel);
      if (before?.port === now) return before;
      before?.close();
      const fresh = createKernelConnections(now, options.sweepMs);
      pools.set(kernel, fresh);
      const until = lettingGo.get(now);
      if (until !== undefined) fresh.letGo(until);
      return fresh;
    },
    portsChanged() {
      const ports = options.ports();
      for (const [kernel, pool] of pools)
        if (ports[kernel as KernelId] === undefined) pool.failWaiting();
    },
    async letGo(port) {
      const until = performance.now() + LET_GO_MS;
      lettingGo.set(port, until);
      for (const pool of pools.values()) if (pool.port === port) pool.letGo(until);
    },
    close() {
      for (const pool of pools.values()) pool.close();
      pools.clear();
    },
  };
};

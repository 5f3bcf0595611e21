import { HoldfastError, type Api, type KernelId, type PortMap } from '@holdfast/contracts';
import { createKernelConnections, type KernelConnections } from './kernel-connections.ts';

/** Finds kernels by the live port map. */
export interface KernelDirectory {
  /** Throws not_installed for a kernel that is not in the profile, kernel_unavailable for one that has no port now. */
  port(kernel: Api['kernel']): number;
  connections(kernel: Api['kernel']): KernelConnections;
  close(): void;
}

export interface KernelDirectoryOptions {
  ports(): PortMap;
  isEnabled(kernel: Api['kernel']): boolean;
  /** How late a time limit may be noticed. */
  readonly sweepMs: number;
}

/** Asks the port map at each call: when a kernel moved, new requests go to the new port and running ones finish. */
export const createKernelDirectory = (options: KernelDirectoryOptions): KernelDirectory => {
  const pools = new Map<string, KernelConnections>();

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
      return fresh;
    },
    close() {
      for (const pool of pools.values()) pool.close();
      pools.clear();
    },
  };
};

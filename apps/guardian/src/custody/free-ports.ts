import type { KernelId } from '@holdfast/contracts';
import { KERNEL_TABLE, kernelRow } from '@holdfast/contracts';

const TIER_PORTS = 10;

/** Ports of a kernel's tier (tens of the table, moved by the offset) that belong to no kernel, nearest above first. */
export const freePortsOf = (
  id: KernelId,
  portOffset: number,
  assigned: ReadonlyMap<number, KernelId>,
): readonly number[] => {
  const { port } = kernelRow(id);
  const first = port - (port % TIER_PORTS);
  const table = new Set<number>(KERNEL_TABLE.map((row) => row.port));
  return Array.from({ length: TIER_PORTS }, (_, index) => first + ((port + index) % TIER_PORTS))
    .filter((one) => !table.has(one))
    .map((one) => one + portOffset)
    .filter((one) => !assigned.has(one));
};

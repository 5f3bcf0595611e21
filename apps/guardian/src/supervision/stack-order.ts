import type { KernelId, ProcessName } from '@holdfast/contracts';
import { isKernelId } from '@holdfast/contracts';
import { startStages } from './start-order.ts';
import type { Supervisor } from './supervisor.ts';

const kernelsOf = (names: readonly ProcessName[]): KernelId[] => names.filter(isKernelId);
const gatewaysOf = (names: readonly ProcessName[]): ProcessName[] =>
  names.filter((name) => name.startsWith('gateway'));

/** Every process of a stack: its kernels, so many gateways on one socket, and the agent of this host. */
export const processNames = (
  kernels: readonly KernelId[],
  gateways: number,
  withAgent: boolean,
): ProcessName[] => [
  ...kernels,
  ...Array.from({ length: gateways }, (_, index): ProcessName =>
    index === 0 ? 'gateway' : `gateway-${index + 1}`,
  ),
  ...(withAgent ? (['agent'] as const) : []),
];

/**
 * Forks everything that may start at once, so that programs load side by side, and tells them to start stage by stage:
 * agent last.
 */
export const startProcesses = (
  supervisor: Supervisor,
  names: readonly ProcessName[],
  mayStart: (name: ProcessName) => boolean,
): void => {
  for (const name of gatewaysOf(names)) supervisor.start(name);
  let gate: Promise<unknown> = Promise.resolve();
  for (const stage of startStages(kernelsOf(names))) {
    for (const id of stage.filter(mayStart)) supervisor.start(id, gate);
    gate = Promise.all(stage.map((id) => supervisor.whenTried(id)));
  }
  if (names.includes('agent')) supervisor.start('agent', gate);
};

/** The door first, then the agent, then the kernels against the order in which they started. */
export const stopStages = (names: readonly ProcessName[]): readonly (readonly ProcessName[])[] => [
  gatewaysOf(names),
  names.filter((name) => name === 'agent'),
  ...startStages(kernelsOf(names)).toReversed(),
];

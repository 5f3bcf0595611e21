import { HoldfastError, type KernelId } from '@holdfast/contracts';
import type { Journal } from '../../journal/journal.ts';
import type { Components } from '../components.ts';
import type { HealingParts } from '../healing.ts';
import type { PortsView } from '../ports-view.ts';
import type { StackHandlers } from './handler-types.ts';

export interface HandlerParts extends HealingParts {
  readonly components: Components;
  readonly ports: PortsView;
  readonly journal: Journal;
  readonly mttrTargetS: number;
  readonly stack: StackHandlers;
  readonly now?: () => number;
}

/** The exact id of a kernel of the table; throws component_unknown. */
export const resolveKernel = (components: Components, name: string): KernelId => {
  const id = components.resolve(name);
  if (id === undefined) throw new HoldfastError('component_unknown', { name });
  return id;
};

const BESIDE_KERNELS = /^(gateway(-\d+)?|agent)$/;

/** As `resolveKernel`, and the processes beside the kernels too. */
export const resolveComponent = (components: Components, name: string): string =>
  BESIDE_KERNELS.test(name) ? name : resolveKernel(components, name);

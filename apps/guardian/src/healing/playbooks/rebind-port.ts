import { kernelRow, type KernelId } from '@holdfast/contracts';
import { BindError } from '@holdfast/sdk/process';
import type { Playbook, PlaybookContext } from './playbook.ts';
import { playbookName } from './playbook-names.ts';

const TIER_SIZE = 10;

interface Range {
  readonly first: number;
  readonly last: number;
}

const rangeOf = (id: KernelId, portOffset: number): Range => {
  const { port } = kernelRow(id);
  const first = port - (port % TIER_SIZE) + portOffset;
  return { first, last: first + TIER_SIZE - 1 };
};

/** Ports of the tier that belong to no kernel, running or not: those after the present one first. */
const candidates = (context: PlaybookContext, id: KernelId): number[] => {
  const { components, portOffset } = context;
  const { first } = rangeOf(id, portOffset);
  const taken = components.assignedPorts();
  const from = components.portOf(id) ?? first;
  const free = Array.from({ length: TIER_SIZE }, (_, index) => first + index).filter(
    (port) => !taken.has(port),
  );
  return [...free.filter((port) => port > from), ...free.filter((port) => port < from)];
};

/** Gives a kernel another port of its tier. */
export const rebindPort: Playbook = {
  id: 'rebind_port',
  name: playbookName('rebind_port'),
  description: 'Moves the kernel to a free port of its tier that belongs to no other kernel',
  remedy: true,
  async run(context, id) {
    const { components, portOffset } = context;
    const old = components.portOf(id);
    const steps: string[] = [];
    const found = { action_taken: 'port_checked', steps, details: { old_port: old ?? null } };
    for (const port of candidates(context, id)) {
      try {
        await components.move(id, port);
      } catch (error) {
        if (!(error instanceof BindError)) throw error;
        steps.push(`port ${port} is taken: ${error.code}`);
        continue;
      }
      steps.push(`moved ${id} from port ${old ?? 'none'} to ${port}`);
      const details = { ...found.details, new_port: port };
      return { success: true, action_taken: 'port_rebound', steps, details };
    }
    const { first, last } = rangeOf(id, portOffset);
    const error = `no port from ${first} to ${last} is free and belongs to no other kernel`;
    return { ...found, success: false, error };
  },
};

import type { KernelId } from '@holdfast/contracts';
import { describeOwner, ownerOfPort, type PortOwner } from '@holdfast/sdk/process';
import type { Components } from '../components.ts';
import type { Playbook, PlaybookOutcome } from './playbook.ts';
import { playbookName } from './playbook-names.ts';

interface Ended {
  readonly pid: number;
  readonly name: string;
}

interface Cleared {
  readonly free: boolean;
  readonly ended: readonly Ended[];
  readonly steps: readonly string[];
  /** Who has the port and was left alone. */
  readonly foreign?: PortOwner;
}

/** Of several processes on one port each is found only when those before it are gone. */
const MOST_OWNERS = 16;

const clear = async (components: Components, id: KernelId, port: number): Promise<Cleared> => {
  const steps: string[] = [];
  const ended: Ended[] = [];
  if (components.holdsPort(id)) {
    return { free: true, ended, steps: [`port ${port} is held by the guardian for ${id}`] };
  }
  for (let tries = 0; tries < MOST_OWNERS; tries += 1) {
    const owner = await ownerOfPort(port);
    if (owner === undefined) break;
    const own = owner.pid === undefined ? undefined : await components.startedHere(owner.pid);
    if (own === undefined) {
      steps.push(`port ${port} is ${describeOwner(owner)}, which was not started here: left alone`);
      return { free: false, ended, steps, foreign: owner };
    }
    await components.end(own);
    ended.push({ pid: own.pid, name: own.name });
    steps.push(`ended ${own.name} (pid ${own.pid}), which was started here`);
  }
  if (ended.length === 0) steps.push(`nothing listens on port ${port}`);
  const free = await components.takePort(id);
  steps.push(free ? `took port ${port} for ${id}` : `port ${port} could not be taken`);
  return { free, ended, steps };
};

const asDetails = ({ free, ended, foreign }: Cleared): PlaybookOutcome['details'] => ({
  processes_killed: ended,
  port_free: free,
  ...(foreign === undefined
    ? {}
    : { owner: { pid: foreign.pid ?? null, process: foreign.command ?? null } }),
});

/** Frees the port of a kernel, by ending what this home started and nothing else. */
export const clearPort: Playbook = {
  id: 'clear_port',
  name: playbookName('clear_port'),
  description:
    'Frees the port of the kernel: ends what Holdfast started there, names any other owner and leaves it alone',
  remedy: true,
  async run({ components }, id, issue) {
    const port = components.portOf(id);
    if (port === undefined) throw new Error(`${id} has no port here`);
    const cleared = await clear(components, id, port);
    const steps = [...cleared.steps];
    const details = asDetails(cleared);
    const action_taken = cleared.ended.length > 0 ? 'port_cleared' : 'port_checked';
    const failed = (error: string): PlaybookOutcome => ({
      success: false,
      action_taken,
      steps,
      error,
      details,
    });
    if (!cleared.free) return failed(steps.at(-1)!);
    const found = await components.probe(id);
    if (found.ok) return { success: true, action_taken, steps, details };
    steps.push(`${id} does not answer well: ${found.reason}`);
    try {
      const pid = await components.restart(id, `healing ${issue}`);
      steps.push(`process ${pid} answered /health as ${id}`);
      return { success: true, action_taken, steps, details: { ...details, pid } };
    } catch (error) {
      return failed((error as Error).message);
    }
  },
};

import type { Playbook } from './playbook.ts';
import { playbookName } from './playbook-names.ts';

/** Replaces the process of a kernel. */
export const restartComponent: Playbook = {
  id: 'restart_component',
  name: playbookName('restart_component'),
  description: 'Replaces the process of the kernel and waits until the new one answers /health',
  remedy: true,
  async run({ components }, id, issue) {
    const old = components.state(id).pid;
    const pid = await components.restart(id, `healing ${issue}`);
    return {
      success: true,
      action_taken: 'component_restarted',
      steps: [
        old === undefined ? 'no process was running' : `replaced process ${old}`,
        `process ${pid} answered /health as ${id}`,
      ],
      details: { old_pid: old ?? null, pid },
    };
  },
};

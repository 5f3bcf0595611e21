import { clearPort } from './clear-port.ts';
import { diagnoseNetwork } from './diagnose-network.ts';
import type { Playbook } from './playbook.ts';
import { rebindPort } from './rebind-port.ts';
import { restartComponent } from './restart-component.ts';

/** Exactly these four. */
export const ALL_PLAYBOOKS: readonly Playbook[] = [
  restartComponent,
  clearPort,
  diagnoseNetwork,
  rebindPort,
];

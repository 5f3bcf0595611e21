import type { PlaybookId } from '@holdfast/contracts';

const NAMES: Readonly<Record<PlaybookId, string>> = {
  restart_component: 'RestartComponentPlaybook',
  clear_port: 'ClearPortPlaybook',
  diagnose_network: 'DiagnoseNetworkPlaybook',
  rebind_port: 'RebindPortPlaybook',
};

/** Class names of the playbooks as the kernel port document calls them. */
export const playbookName = (id: PlaybookId): string => NAMES[id];

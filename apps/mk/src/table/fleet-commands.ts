import { command } from '../frame/command.ts';
import { inventoryFlags, policyFlags } from './fleet-flags.ts';

export const FLEET_COMMANDS = [
  command({
    path: 'fleet inventory',
    brief: 'List what runs in several clusters',
    flags: inventoryFlags,
    load: async () => (await import('../commands/fleet.ts')).fleetInventory,
  }),
  command({
    path: 'fleet policy',
    brief: 'Plan which workloads would get a policy; changes nothing',
    flags: policyFlags,
    load: async () => (await import('../commands/fleet.ts')).fleetPolicy,
  }),
];

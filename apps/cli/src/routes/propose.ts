import { buildRouteMap } from '@stricli/core';
import { command, hostFlag, booleanFlag } from '../define-command.ts';

export const propose = buildRouteMap({
  docs: { brief: 'Propose a change' },
  routes: {
    repair: command({
      brief: 'Bring the packages of a host back to its baseline',
      flags: { host: hostFlag, detach: booleanFlag('Do not wait for the outcome') },
      load: async () => (await import('../commands/propose-repair.ts')).proposeRepair,
    }),
  },
});

import { buildRouteMap } from '@stricli/core';
import { command, onePositional } from '../define-command.ts';

const load = () => import('../commands/tripwires.ts');

export const tripwires = buildRouteMap({
  docs: { brief: 'Hard rules, and what happened when one was touched' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List the rules in force',
      load: async () => (await load()).tripwiresList,
    }),
    cases: command({
      brief: 'List activations, newest first',
      load: async () => (await load()).tripwiresCases,
    }),
    release: command({
      brief: 'Sign for ending the isolation of a case',
      positional: onePositional('Case id', 'ID'),
      load: async () => (await load()).tripwiresRelease,
    }),
  },
});

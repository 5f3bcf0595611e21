import { buildRouteMap } from '@stricli/core';
import { booleanFlag, command, onePositional, stringFlag } from '../define-command.ts';

const load = () => import('../commands/quorum.ts');

export const quorum = buildRouteMap({
  docs: { brief: 'Whose approval counts, by class of change' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List who decides about each class, and what the profile asks for',
      load: async () => (await load()).quorumList,
    }),
    set: command({
      brief: 'Propose who decides about a class; those who decide now have to approve it',
      positional: onePositional('standard, security or covenant', 'CLASS'),
      flags: {
        voter: stringFlag('Who votes; once for each of them', 'ID', { variadic: true }),
        needed: stringFlag('How many must agree; more than two thirds when absent', 'N', {
          optional: true,
        }),
        detach: booleanFlag('Do not wait for the outcome'),
      },
      load: async () => (await load()).quorumSet,
    }),
  },
});

import { buildRouteMap } from '@stricli/core';
import { command, manyPositional, optionalPositional, stringFlag } from '../define-command.ts';

export const config = buildRouteMap({
  docs: { brief: 'Change the settings of the stack, as changes' },
  defaultCommand: 'status',
  routes: {
    propose: command({
      brief: 'Propose settings; nothing is in force until they are applied',
      positional: manyPositional(
        'A JSON merge patch, @FILE with one, or dotted keys with values; null takes one back',
        'JSON|@FILE|KEY=VALUE',
      ),
      flags: {
        ttl: stringFlag('How long it can be applied: 90s, 5m, 2h', 'TIME', { optional: true }),
        base: stringFlag('Only for settings of this revision', 'REVISION', { optional: true }),
      },
      load: async () => (await import('../commands/config-propose.ts')).configPropose,
    }),
    apply: command({
      brief: 'Put the proposal in force, and wait until it is',
      positional: optionalPositional('Only this change; the one that is pending when absent', 'ID'),
      load: async () => (await import('../commands/config-apply.ts')).configApply,
    }),
    revert: command({
      brief: 'Undo the settings that were applied last, by a new change',
      load: async () => (await import('../commands/config-apply.ts')).configRevert,
    }),
    status: command({
      brief: 'Show what is proposed and what is in force',
      load: async () => (await import('../commands/config-status.ts')).configStatus,
    }),
    history: command({
      brief: 'List changes of settings, newest first',
      flags: { limit: stringFlag('How many', 'N', { default: '20' }) },
      load: async () => (await import('../commands/config-history.ts')).configHistory,
    }),
  },
});

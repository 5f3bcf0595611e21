import { buildRouteMap } from '@stricli/core';
import { command, optionalPositional, stringFlag } from '../define-command.ts';

export const healing = buildRouteMap({
  docs: { brief: 'See how healing fares; pause and resume automatic restarts' },
  defaultCommand: 'show',
  routes: {
    show: command({
      brief: 'Counts, what is paused, and the newest healings',
      load: async () => (await import('../commands/healing.ts')).healingShow,
    }),
    pause: command({
      brief: 'Stop automatic restarts of one kernel, or of all, for a while',
      positional: optionalPositional('Kernel; all when absent', 'KERNEL'),
      flags: {
        for: stringFlag('How long: 90s, 5m, 2h; a day at most', 'TIME', { default: '5m' }),
      },
      load: async () => (await import('../commands/healing.ts')).healingPause,
    }),
    resume: command({
      brief: 'Let automatic restarts go on, and restart what died meanwhile',
      positional: optionalPositional('Kernel; all when absent', 'KERNEL'),
      load: async () => (await import('../commands/healing.ts')).healingResume,
    }),
  },
});

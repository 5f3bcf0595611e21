import { buildRouteMap } from '@stricli/core';
import { command, onePositional } from '../define-command.ts';

export const profile = buildRouteMap({
  docs: { brief: 'Show and switch the profile' },
  defaultCommand: 'show',
  routes: {
    show: command({
      brief: 'Show the profile in force and its effective settings',
      load: async () => (await import('../commands/profile-show.ts')).profileShow,
    }),
    use: command({
      brief: 'Switch the profile: of a running stack by a change, else for its next start',
      positional: onePositional('user, pro or enterprise-vip', 'NAME'),
      load: async () => (await import('../commands/profile-use.ts')).profileUse,
    }),
  },
});

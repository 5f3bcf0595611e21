import { buildRouteMap } from '@stricli/core';
import { command, onePositional, stringFlag } from '../define-command.ts';

export const hosts = buildRouteMap({
  docs: { brief: 'Look at hosts and register new ones' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List hosts',
      load: async () => (await import('../commands/hosts.ts')).hostsList,
    }),
    show: command({
      brief: 'Show one host with its facts and the coverage of its scans',
      positional: onePositional('Host id or alias', 'HOST'),
      load: async () => (await import('../commands/hosts.ts')).hostsShow,
    }),
    register: command({
      brief: 'Register a host and get an enrolment token for its agent',
      positional: onePositional('Host name', 'NAME'),
      flags: { os: stringFlag('windows, linux or macos', 'OS') },
      load: async () => (await import('../commands/hosts.ts')).hostsRegister,
    }),
  },
});

import { buildRouteMap } from '@stricli/core';
import { command, stringFlag, booleanFlag } from '../define-command.ts';

const scopeFlags = {
  user: booleanFlag('A service of your own; the default unless you are root'),
  system: booleanFlag('A service of the machine'),
};

export const service = buildRouteMap({
  docs: { brief: 'Have systemd, launchd or Windows keep the stack running' },
  defaultCommand: 'status',
  routes: {
    install: command({
      brief: 'Install, enable and start the service; again after a change of settings',
      flags: {
        ...scopeFlags,
        profile: stringFlag(
          'user, pro or enterprise-vip; for a home that has no profile yet',
          'NAME',
          { default: 'user' },
        ),
        home: stringFlag('Folder of the stack; HOLDFAST_HOME when absent', 'DIR', {
          optional: true,
        }),
        runAs: stringFlag('Account that a service of the machine runs as', 'ACCOUNT', {
          optional: true,
        }),
        print: booleanFlag('Print what would be written, and change nothing'),
      },
      load: async () => (await import('../commands/service-install.ts')).serviceInstall,
    }),
    uninstall: command({
      brief: 'Stop and remove the service; the home stays',
      flags: scopeFlags,
      load: async () => (await import('../commands/service-uninstall.ts')).serviceUninstall,
    }),
    status: command({
      brief: 'Say whether it is installed, enabled and running, as the service manager sees it',
      flags: scopeFlags,
      load: async () => (await import('../commands/service-status.ts')).serviceStatus,
    }),
  },
});

import { buildRouteMap } from '@stricli/core';
import { command, hostFlag, stringFlag } from '../define-command.ts';

export const baseline = buildRouteMap({
  docs: { brief: 'Declare and show the desired packages of a host' },
  routes: {
    set: command({
      brief: 'Declare a baseline from requirements.txt and package.json',
      flags: {
        host: hostFlag,
        from: stringFlag('Folder with the manifests', 'DIR'),
        env: stringFlag('Target environment: a venv or a node project; may be repeated', 'PATH', {
          variadic: true,
        }),
      },
      load: async () => (await import('../commands/baseline-set.ts')).baselineSet,
    }),
    show: command({
      brief: 'Show the baseline of a host',
      flags: { host: hostFlag },
      load: async () => (await import('../commands/baseline-show.ts')).baselineShow,
    }),
  },
});

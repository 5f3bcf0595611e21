import { VERSION } from '@holdfast/contracts/version';
import { buildApplication, buildRouteMap } from '@stricli/core';
import {
  command,
  hostFlag,
  onePositional,
  optionalPositional,
  stringFlag,
  booleanFlag,
} from './define-command.ts';
import { baseline } from './routes/baseline.ts';
import { changes } from './routes/changes.ts';
import { healing } from './routes/healing.ts';
import { hosts } from './routes/hosts.ts';
import { keys, principals, session, tokens } from './routes/identity.ts';
import { librarian } from './routes/librarian.ts';
import { log } from './routes/log.ts';
import { propose } from './routes/propose.ts';
import { service } from './routes/service.ts';
import { config } from './routes/config.ts';
import { policy } from './routes/policy.ts';
import { profile } from './routes/profile.ts';
import { quorum } from './routes/quorum.ts';
import { tripwires } from './routes/tripwires.ts';
import { workloads } from './routes/workloads.ts';

const root = buildRouteMap({
  docs: { brief: 'Holdfast: one gate for every change to machines and services' },
  routes: {
    up: command({
      brief: 'Start the stack',
      flags: {
        profile: stringFlag(
          'user, pro or enterprise-vip; the one in force when absent, user at first',
          'NAME',
          { optional: true },
        ),
        detach: booleanFlag('Return once everything answers'),
      },
      load: async () => (await import('./commands/up.ts')).up,
    }),
    down: command({
      brief: 'Stop the stack',
      load: async () => (await import('./commands/down.ts')).down,
    }),
    status: command({
      brief: 'Show what runs and what does not, and why',
      load: async () => (await import('./commands/status.ts')).status,
    }),
    kernels: command({
      brief: 'List every kernel with its live port and state',
      load: async () => (await import('./commands/kernels.ts')).kernels,
    }),
    heal: command({
      brief: 'Run the healing playbooks for a kernel, and see that it answers',
      positional: onePositional('Kernel', 'KERNEL'),
      flags: {
        issueType: stringFlag('What is wrong; port_not_listening when absent', 'ISSUE', {
          optional: true,
        }),
        severity: stringFlag('low, medium, high or critical', 'SEVERITY', { optional: true }),
        action: stringFlag('Only this playbook', 'PLAYBOOK', { optional: true }),
      },
      load: async () => (await import('./commands/heal.ts')).heal,
    }),
    healing,
    incidents: command({
      brief: 'List outages and how they were repaired, newest first',
      flags: {
        component: stringFlag('Only of this kernel', 'KERNEL', { optional: true }),
        status: stringFlag('detected, remediating, resolved or failed', 'STATE', {
          optional: true,
        }),
        limit: stringFlag('How many', 'N', { default: '20' }),
      },
      load: async () => (await import('./commands/incidents.ts')).incidents,
    }),
    reload: command({
      brief: 'Replace what runs by the build on disk, without a lost request',
      positional: optionalPositional('Kernel, gateway or guardian; all when absent', 'NAME'),
      load: async () => (await import('./commands/reload.ts')).reload,
    }),
    service,
    hosts,
    scan: command({
      brief: 'Scan a host now',
      flags: { host: hostFlag },
      load: async () => (await import('./commands/scan.ts')).scan,
    }),
    baseline,
    drift: command({
      brief: 'Show the drift of a host as of its last scan',
      flags: { host: hostFlag },
      load: async () => (await import('./commands/drift.ts')).drift,
    }),
    propose,
    changes,
    quorum,
    tripwires,
    config,
    policy,
    profile,
    ...session,
    principals,
    tokens,
    keys,
    freeze: command({
      brief: 'Turn the kill switch on, or freeze one scope',
      flags: {
        reason: stringFlag('Why', 'TEXT', { default: '' }),
        scope: stringFlag(
          'Only this: host:ID, kind:KIND, kernel:ID, target:KEY or author:ID',
          'SCOPE',
          {
            optional: true,
          },
        ),
        for: stringFlag('How long a scope stays frozen: 30m, 2h, 1d', 'TIME', { optional: true }),
      },
      load: async () => (await import('./commands/freeze.ts')).freeze,
    }),
    unfreeze: command({
      brief: 'Turn the kill switch off, or thaw one scope',
      flags: { scope: stringFlag('Only this scope', 'SCOPE', { optional: true }) },
      load: async () => (await import('./commands/freeze.ts')).unfreeze,
    }),
    workloads,
    log,
    librarian,
  },
});

/** The whole command line as data. */
export const app = buildApplication(root, {
  name: 'holdfast',
  versionInfo: { currentVersion: VERSION },
  scanner: { caseStyle: 'allow-kebab-for-camel' },
  documentation: { disableAnsiColor: true },
});

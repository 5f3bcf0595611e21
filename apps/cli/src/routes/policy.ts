import { buildRouteMap } from '@stricli/core';
import {
  booleanFlag,
  command,
  onePositional,
  optionalPositional,
  stringFlag,
} from '../define-command.ts';

const PATH = 'Folder with .cedar files, or one such file';
const detach = booleanFlag('Do not wait for the outcome');

export const policy = buildRouteMap({
  docs: { brief: 'Look at the policies, try others, and change them' },
  defaultCommand: 'show',
  routes: {
    show: command({
      brief: 'Show the policies in force, or the files of a revision',
      flags: {
        revision: stringFlag('The files of this revision', 'N', { optional: true }),
      },
      load: async () => (await import('../commands/policy-show.ts')).policyShow,
    }),
    revisions: command({
      brief: 'List every revision that was in force, newest first',
      flags: { limit: stringFlag('How many', 'N', { default: '20' }) },
      load: async () => (await import('../commands/policy-show.ts')).policyRevisions,
    }),
    validate: command({
      brief: 'Check policies against syntax and schema; nothing is stored',
      positional: onePositional(PATH, 'PATH'),
      load: async () => (await import('../commands/policy-try.ts')).policyValidate,
    }),
    'dry-run': command({
      brief: 'Say what these policies would have decided about the last decisions',
      positional: onePositional(PATH, 'PATH'),
      flags: { last: stringFlag('Of how many decisions', 'N', { default: '1000' }) },
      load: async () => (await import('../commands/policy-try.ts')).policyDryRun,
    }),
    explain: command({
      brief: 'Say which policies decide about a change, and why',
      positional: onePositional('Change id', 'ID'),
      load: async () => (await import('../commands/policy-explain.ts')).policyExplain,
    }),
    apply: command({
      brief: 'Put policies into force, as a change',
      positional: optionalPositional(`${PATH}; with --defaults none`, 'PATH'),
      flags: {
        defaults: stringFlag('The shipped defaults of this profile instead', 'PROFILE', {
          optional: true,
        }),
        detach,
      },
      load: async () => (await import('../commands/policy-apply.ts')).policyApply,
    }),
    rollback: command({
      brief: 'Put the policies of an earlier revision into force, as a change',
      positional: onePositional('Revision', 'N'),
      flags: { detach },
      load: async () => (await import('../commands/policy-apply.ts')).policyRollback,
    }),
  },
});

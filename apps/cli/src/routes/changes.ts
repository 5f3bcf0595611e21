import { buildRouteMap } from '@stricli/core';
import {
  command,
  onePositional,
  optionalPositional,
  stringFlag,
  twoPositional,
} from '../define-command.ts';

const decide = () => import('../commands/changes-decide.ts');
const changeId = onePositional('Change id', 'ID');
const planFlag = stringFlag(
  'Plan hash that was looked at; that of the change when absent',
  'HASH',
  {
    optional: true,
  },
);
const why = stringFlag('Why', 'TEXT');

export const changes = buildRouteMap({
  docs: { brief: 'Look at changes and decide about them' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List changes, newest first',
      flags: { state: stringFlag('Only changes in this state', 'STATE', { optional: true }) },
      load: async () => (await import('../commands/changes-list.ts')).changesList,
    }),
    show: command({
      brief: 'Tell one change in words',
      positional: changeId,
      load: async () => (await import('../commands/changes-show.ts')).changesShow,
    }),
    watch: command({
      brief: 'Follow one change to its end, or all changes until Ctrl-C, as they happen',
      positional: optionalPositional('Change id; all changes when absent', 'ID'),
      load: async () => (await import('../commands/changes-watch.ts')).changesWatch,
    }),
    diff: command({
      brief: 'Show what the plan of a change would change, before and after',
      positional: changeId,
      load: async () => (await import('../commands/changes-diff.ts')).changesDiff,
    }),
    simulate: command({
      brief: 'Say what the gate would say now, and why; nothing is recorded or changed',
      positional: optionalPositional(
        'Open change; the one that the flags describe when absent',
        'ID',
      ),
      flags: {
        kind: stringFlag('Kind of a change to think about', 'KIND', { optional: true }),
        target: stringFlag('Its target, like host=local', 'KEY=VALUE', { optional: true }),
        intent: stringFlag('Its intent as a JSON object', 'JSON', { optional: true }),
      },
      load: async () => (await import('../commands/changes-simulate.ts')).changesSimulate,
    }),
    approve: command({
      brief: 'Sign for the plan of a waiting change with your own key',
      positional: changeId,
      flags: { plan: planFlag },
      load: async () => (await decide()).changesApprove,
    }),
    approveStep: command({
      brief: 'Sign for going on behind an approval step',
      positional: twoPositional(['Change id', 'ID'], ['Key of the step', 'STEP']),
      flags: { plan: planFlag },
      load: async () => (await decide()).changesApproveStep,
    }),
    withdraw: command({
      brief: 'Take your approval back while the change waits',
      positional: changeId,
      load: async () => (await decide()).changesWithdraw,
    }),
    challenge: command({
      brief: 'Object to an approved change during its delay: approvals so far are void',
      positional: changeId,
      flags: { plan: planFlag, reason: why },
      load: async () => (await decide()).changesChallenge,
    }),
    reject: command({
      brief: 'Reject a change that has not been applied',
      positional: changeId,
      flags: { reason: why },
      load: async () => (await decide()).changesReject,
    }),
    cancel: command({
      brief: 'Withdraw a change that has not been applied',
      positional: changeId,
      load: async () => (await decide()).changesCancel,
    }),
    apply: command({
      brief: 'Let a change that was proposed on hold be applied',
      positional: changeId,
      load: async () => (await decide()).changesApply,
    }),
    revert: command({
      brief: 'Undo a finished change by a new change',
      positional: changeId,
      load: async () => (await decide()).changesRevert,
    }),
  },
});

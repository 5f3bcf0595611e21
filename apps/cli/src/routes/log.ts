import { buildRouteMap } from '@stricli/core';
import { command, onePositional, stringFlag } from '../define-command.ts';

export const log = buildRouteMap({
  docs: { brief: 'Read and check the ledger' },
  routes: {
    tail: command({
      brief: 'Show the newest entries',
      flags: { lines: stringFlag('How many', 'N', { default: '20' }) },
      load: async () => (await import('../commands/log-tail.ts')).logTail,
    }),
    verify: command({
      brief: 'Recompute the whole ledger from the stored entries, without the server',
      load: async () => (await import('../commands/log-verify.ts')).logVerify,
    }),
    prove: command({
      brief: 'Write an inclusion proof of an entry',
      positional: onePositional('Entry id, entry index, or change id (its newest entry)', 'ID'),
      flags: {
        out: stringFlag('File to write; ID.proof.json when absent', 'FILE', { optional: true }),
      },
      load: async () => (await import('../commands/log-prove.ts')).logProve,
    }),
    check: command({
      brief: 'Check a proof file without any server',
      positional: onePositional('Proof file', 'FILE'),
      flags: {
        key: stringFlag('Verifier key to trust instead of the one of this home', 'KEY', {
          optional: true,
        }),
      },
      load: async () => (await import('../commands/log-check.ts')).logCheck,
    }),
    export: command({
      brief: 'Write the whole ledger to a file (NDJSON)',
      positional: onePositional('File to write', 'FILE'),
      load: async () => (await import('../commands/log-export.ts')).logExport,
    }),
  },
});

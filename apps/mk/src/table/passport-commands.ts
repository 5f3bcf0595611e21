import { command } from '../frame/command.ts';
import {
  observeMaxFlags,
  passportShowFlags,
  passportTemplatesFlags,
  passportValidateFlags,
} from './passport-flags.ts';

export const PASSPORT_COMMANDS = [
  command({
    path: 'passport templates',
    brief: 'List the passports that ship',
    flags: passportTemplatesFlags,
    load: async () => (await import('../commands/passport.ts')).passportTemplates,
  }),
  command({
    path: 'passport show',
    brief: 'Show a passport that ships',
    flags: passportShowFlags,
    load: async () => (await import('../commands/passport.ts')).passportShow,
  }),
  command({
    path: 'passport validate',
    brief: 'Check a passport',
    flags: passportValidateFlags,
    load: async () => (await import('../commands/passport.ts')).passportValidate,
  }),
  command({
    path: 'passport observe-max',
    brief: 'Look at a workload and write a passport that only proposes',
    flags: observeMaxFlags,
    load: async () => (await import('../commands/passport.ts')).passportObserveMax,
  }),
];

import { flagTable } from '../frame/flag-spec.ts';
import { outFlag } from './shared-flags.ts';

export const chordsFlags = flagTable({
  catalog: { kind: 'text', placeholder: 'FILE', required: true, brief: 'The catalog' },
  ...outFlag,
});

export const doctorFlags = flagTable({});

import { flagTable } from '../frame/flag-spec.ts';
import { outFlag } from './shared-flags.ts';

export const inventoryFlags = flagTable({
  contexts: { kind: 'text', placeholder: 'A,B', brief: 'Contexts, separated by commas' },
  context: { kind: 'list', placeholder: 'NAME', brief: 'A context; may be given again' },
  ...outFlag,
});

export const policyFlags = flagTable({
  policy: {
    kind: 'text',
    placeholder: 'NAME',
    required: true,
    brief: 'A passport that ships, or a file with one',
  },
  ...inventoryFlags,
});

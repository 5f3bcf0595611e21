import { flagTable } from '../frame/flag-spec.ts';
import { observeFlags } from './k8s-flags.ts';

export const passportTemplatesFlags = flagTable({});

export const passportShowFlags = flagTable({
  template: { kind: 'text', placeholder: 'NAME', required: true, brief: 'Name of a template' },
});

export const passportValidateFlags = flagTable({
  file: { kind: 'text', placeholder: 'FILE', required: true, brief: 'The passport' },
});

export const observeMaxFlags = flagTable({
  ...observeFlags,
  scenario: {
    kind: 'text',
    placeholder: 'NAME',
    default: 'baseline',
    brief: 'Scenario of the synthetic source',
  },
});

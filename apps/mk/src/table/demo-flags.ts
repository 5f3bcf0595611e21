import { flagTable } from '../frame/flag-spec.ts';
import { outFlag, targetFlags } from './shared-flags.ts';

export const demoFlags = flagTable({
  ...outFlag,
  scenario: {
    kind: 'text',
    placeholder: 'NAME',
    default: 'drift',
    brief: 'Scenario of the synthetic samples',
  },
});

export const phasesFlags = flagTable({ ...outFlag });

export const quickstartFlags = flagTable({
  ...outFlag,
  ...targetFlags,
  cluster: { kind: 'switch', brief: 'Also look at the cluster; still changes nothing' },
});

import { defineApi } from '../api.ts';
import { changeDriverOps } from './change-driver-api.ts';
import { changeOps } from './governance/change-ops.ts';
import { configOps } from './governance/config-ops.ts';
import { decisionOps } from './governance/decision-ops.ts';
import { freezeOps } from './governance/freeze-ops.ts';
import { identityOps } from './governance/identity-ops.ts';
import { runOps } from './governance/run-ops.ts';

/**
 * Changes and their decisions, the kill switch and the tripwires, settings, and who may call. It drives two kinds of
 * change itself: settings and quorums.
 */
export const governanceApi = defineApi({
  kernel: 'governance',
  ops: {
    ...changeOps,
    ...decisionOps,
    ...freezeOps,
    ...configOps,
    ...identityOps,
    ...runOps,
    ...changeDriverOps,
  },
});

import type { Api } from '../api.ts';
import { busApi } from './bus-api.ts';
import { gatewayApi } from './gateway-api.ts';
import { governanceApi } from './governance-api.ts';
import { guardianApi } from './guardian-api.ts';
import { infrastructureApi } from './infrastructure-api.ts';
import { kernelPortsApi } from './kernel-ports-api.ts';
import { librarianApi } from './librarian-api.ts';
import { logApi } from './log-api.ts';
import { modeKeeperApi } from './mode-keeper-api.ts';
import { networkHealerApi } from './network-healer-api.ts';
import { policyApi } from './policy-api.ts';
import { workflowApi } from './workflow-api.ts';

/** Every API of the product, in port order. OpenAPI and the gateway's routes are derived from this list. */
export const allApis: readonly Api[] = [
  gatewayApi,
  kernelPortsApi,
  networkHealerApi,
  guardianApi,
  busApi,
  logApi,
  infrastructureApi,
  governanceApi,
  policyApi,
  workflowApi,
  modeKeeperApi,
  librarianApi,
];

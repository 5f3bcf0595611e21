import type { Api } from '../api.ts';
import { busApi } from './bus-api.ts';
import { gatewayApi } from './gateway-api.ts';
import { governanceApi } from './governance-api.ts';
import { infrastructureApi } from './infrastructure-api.ts';
import { logApi } from './log-api.ts';
import { workflowApi } from './workflow-api.ts';

/** Every API of the product, in port order. OpenAPI and the gateway's routes are derived from this list. */
export const allApis: readonly Api[] = [
  gatewayApi,
  busApi,
  logApi,
  infrastructureApi,
  governanceApi,
  workflowApi,
];

import { createClient, createHttpTransport, type Client } from '@holdfast/client';
import { actingCredentials, type Credentials } from '@holdfast/client/stack';
import {
  gatewayApi,
  governanceApi,
  guardianApi,
  infrastructureApi,
  kernelPortsApi,
  librarianApi,
  logApi,
  modeKeeperApi,
  networkHealerApi,
  policyApi,
  busApi,
} from '@holdfast/contracts';
import type { CliContext } from './context.ts';

/** Typed clients that all go through the gateway in the name of the owner of the credentials. */
export interface Session extends Credentials {
  readonly gateway: Client<typeof gatewayApi>;
  readonly governance: Client<typeof governanceApi>;
  readonly guardian: Client<typeof guardianApi>;
  readonly healer: Client<typeof networkHealerApi>;
  readonly infrastructure: Client<typeof infrastructureApi>;
  readonly kernelPorts: Client<typeof kernelPortsApi>;
  readonly librarian: Client<typeof librarianApi>;
  readonly log: Client<typeof logApi>;
  readonly policy: Client<typeof policyApi>;
  readonly tuning: Client<typeof modeKeeperApi>;
  readonly bus: Client<typeof busApi>;
}

export const connect = ({ url, token }: Credentials): Session => {
  const headers = { authorization: `Bearer ${token}` };
  const transport = createHttpTransport({ baseUrl: () => url, headers: () => headers });
  return {
    url,
    token,
    gateway: createClient(gatewayApi, transport),
    governance: createClient(governanceApi, transport),
    guardian: createClient(guardianApi, transport),
    healer: createClient(networkHealerApi, transport),
    infrastructure: createClient(infrastructureApi, transport),
    kernelPorts: createClient(kernelPortsApi, transport),
    librarian: createClient(librarianApi, transport),
    log: createClient(logApi, transport),
    policy: createClient(policyApi, transport),
    tuning: createClient(modeKeeperApi, transport),
    bus: createClient(busApi, transport),
  };
};

export const openSession = (context: CliContext): Session => connect(actingCredentials(context));

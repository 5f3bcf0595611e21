import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, createHttpTransport, type Client } from '@holdfast/client';
import {
  gatewayApi,
  governanceApi,
  guardianApi,
  infrastructureApi,
  kernelPortsApi,
  librarianApi,
  logApi,
  networkHealerApi,
  busApi,
} from '@holdfast/contracts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';

export interface Credentials {
  readonly url: string;
  readonly token: string;
}

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
  readonly bus: Client<typeof busApi>;
}

export const readCredentials = (home: string): Credentials => {
  const path = join(home, 'credentials.json');
  try {
    const { url, token } = JSON.parse(readFileSync(path, 'utf8')) as Credentials;
    if (typeof url === 'string' && typeof token === 'string') return { url, token };
    throw new Error('url or token is missing');
  } catch (cause) {
    throw new CliError(`reading ${path}: no credentials`, {
      next: '`bin/holdfast up --detach` starts a stack and writes them',
      cause,
    });
  }
};

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
    bus: createClient(busApi, transport),
  };
};

export const openSession = (context: CliContext): Session => connect(readCredentials(context.home));

import { KeptConnections, createClient, createHttpTransport } from '@holdfast/client';
import {
  governanceApi,
  isHoldfastError,
  kernelPrincipal,
  type KernelId,
  type PortMap,
  type Principal,
} from '@holdfast/contracts';
import { internalHeaders } from '@holdfast/sdk';

/** What the gateway asks governance, which alone keeps tokens and sessions. */
export interface GovernanceLine {
  /** Whom a token belongs to; undefined: to nobody. Rejects when governance does not answer. */
  introspect(id: string, digest: string): Promise<Introspected | undefined>;
  /** The revision of identities, once it is above `after` or `waitMs` are over. */
  revision(after: number, waitMs: number, signal: AbortSignal): Promise<number>;
  /** Keeps no connection to a port whose process is about to be replaced. */
  letGo(port: number): void;
}

export interface Introspected {
  readonly principal: Principal;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const ANSWER_MS = 5_000;

export const createGovernanceLine = (secret: string, ports: () => PortMap): GovernanceLine => {
  const agent = new KeptConnections({ maxSockets: 16 });
  const headers = internalHeaders(secret, kernelPrincipal('gateway'));
  const transport = createHttpTransport({
    baseUrl({ kernel }) {
      const port = ports()[kernel as KernelId];
      return port === undefined ? undefined : `http://127.0.0.1:${port}`;
    },
    headers: () => headers,
    agent,
  });
  const { introspectToken, getIdentityRevision } = createClient(governanceApi, transport);
  const { output: introspected } = governanceApi.ops.introspectToken;
  const { output: revised } = governanceApi.ops.getIdentityRevision;

  return {
    async introspect(id, digest) {
      try {
        const answer = await introspectToken({ id, digest }, { timeoutMs: ANSWER_MS });
        const { principal, expires_at } = introspected.parse(answer);
        return { principal, expiresAt: Date.parse(expires_at) };
      } catch (error) {
        if (isHoldfastError(error, 'forbidden')) return undefined;
        throw error;
      }
    },
    async revision(after, waitMs, signal) {
      const answer = await getIdentityRevision(
        { after, wait_ms: waitMs },
        { timeoutMs: waitMs + ANSWER_MS, signal },
      );
      return revised.parse(answer).revision;
    },
    letGo: (port) => agent.letGo(port),
  };
};

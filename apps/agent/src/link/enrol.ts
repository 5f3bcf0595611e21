import { createClient, createHttpTransport } from '@holdfast/client';
import { VERSION, hostIdOf, infrastructureApi, isHoldfastError } from '@holdfast/contracts';
import type { Clock, Logger } from '@holdfast/sdk';
import { readBasicFacts } from '../facts/basic-facts.ts';
import type { AgentIdentity } from '../identity/agent-identity.ts';
import type { Backoff } from './backoff.ts';

export interface EnrolOptions {
  readonly url: string;
  readonly token: string;
  readonly identity: AgentIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

/** `certain` is false when only a handshake can tell whether the stack knows this key. */
export interface Enrolment {
  readonly host: string;
  readonly certain: boolean;
}

/**
 * Trades the token for an enrolled key and remembers the host id; tries for ever while the stack cannot be reached.
 * Rejects when the stack refuses the token. A token that was used may have been used by this very agent, whose answer
 * got lost: that is answered as not certain.
 */
export const enrol = async (options: EnrolOptions): Promise<Enrolment> => {
  const { identity, clock, log, signal } = options;
  const transport = createHttpTransport({ baseUrl: () => options.url, headers: () => ({}) });
  const client = createClient(infrastructureApi, transport);
  const facts = await readBasicFacts();
  const request = {
    token: options.token,
    public_key: identity.publicKey,
    version: VERSION,
    facts,
  };
  for (;;) {
    try {
      const { host } = await client.enrolAgent(request, { signal });
      await identity.enrolledAs(host);
      log.info({ host }, 'enrolled');
      return { host, certain: true };
    } catch (error) {
      if (isHoldfastError(error, 'enrolment_used'))
        return { host: hostIdOf(facts.hostname, facts.os_type), certain: false };
      if (signal.aborted || !isHoldfastError(error) || error.row.retry === 'never') throw error;
      log.debug({ code: error.code }, 'enrolling: the stack cannot be reached');
      await clock.sleep(options.backoff.next(), signal);
    }
  }
};

import {
  HoldfastError,
  hostIdOf,
  type HostFacts,
  type OpOutput,
  type OpParsed,
  type infrastructureApi,
} from '@holdfast/contracts';
import type { Call, Idempotency } from '@holdfast/sdk';
import type { InfrastructureContext } from '../config.ts';
import { issueToken } from '../enrolment/enrolment-tokens.ts';
import { hostRegistered } from './host-events.ts';
import type { HostRecord, HostRegistry } from './host-registry.ts';

type RegisterOp = (typeof infrastructureApi)['ops']['registerHost'];
type RegisterInput = OpParsed<RegisterOp>;
type RegisterOutput = OpOutput<RegisterOp>;

/** A host that somebody announced: nothing about it is known until its agent reports. */
export const announcedHost = (input: RegisterInput, time: string): HostRecord => ({
  id: hostIdOf(input.hostname, input.os_type),
  hostname: input.hostname,
  aliases: [],
  os_type: input.os_type,
  os_version: input.os_version,
  architecture: input.architecture,
  ip_address: input.ip_address ?? null,
  status: 'unknown',
  status_reason: 'no agent has enrolled yet',
  agent: { enrolled: false, connected: false, version: null },
  facts: null,
  capabilities: input.capabilities,
  dependency_status: 'unknown',
  registered_at: time,
});

/** What facts say about a host, in the fields of its record. */
export const fieldsOfFacts = (facts: HostFacts): Partial<HostRecord> => ({
  os_version: facts.os_version,
  architecture: facts.architecture,
  ip_address: facts.ip_address ?? null,
  facts,
});

export const enrolledHost = (
  facts: HostFacts,
  version: string,
  aliases: string[],
  time: string,
): HostRecord => ({
  id: hostIdOf(facts.hostname, facts.os_type),
  hostname: facts.hostname,
  aliases,
  os_type: facts.os_type,
  os_version: facts.os_version,
  architecture: facts.architecture,
  ip_address: facts.ip_address ?? null,
  status: 'unknown',
  status_reason: 'its agent enrolled and has not reported yet',
  agent: { enrolled: true, connected: false, version },
  facts,
  capabilities: [],
  dependency_status: 'unknown',
  registered_at: time,
});

/** Throws entitlement_missing when the profile allows no further host. */
export const checkHostLimit = (count: number, limit: number): void => {
  if (count >= limit)
    throw new HoldfastError('entitlement_missing', { detail: `more than ${limit} hosts` });
};

/**
 * Registers a host and answers a token for its agent. A repeated request (same Idempotency-Key) answers the same host
 * with a fresh token, because tokens are stored as hashes only.
 */
export const createRegisterHost = (
  context: InfrastructureContext,
  hosts: HostRegistry,
  idempotency: Idempotency,
) => {
  const tokenFor = (host: string, call: Call) =>
    issueToken({ alias: null, host, created_by: call.principal.id }, context.clock.now());

  return async (input: RegisterInput, call: Call): Promise<RegisterOutput> => {
    const before = await idempotency.replay<{ id: string }>(call, 'registerHost', input);
    if (before) {
      const { token, expires_at, statements, event } = tokenFor(before.id, call);
      await context.commit(statements, [event]);
      const host = hosts.view(hosts.resolve(before.id));
      return { host, enrolment: { token, expires_at } };
    }
    checkHostLimit(hosts.all().length, context.config.max_hosts);
    const record = announcedHost(input, context.clock.iso());
    const { token, expires_at, statements, event } = tokenFor(record.id, call);
    const told = { ...record, metrics: null, last_seen: null };
    const state = await hosts.add(record, {
      statements: [
        ...statements,
        ...idempotency.remember(call, 'registerHost', input, { id: record.id }),
      ],
      events: [hostRegistered(told, call.principal.id), event],
    });
    return { host: hosts.view(state), enrolment: { token, expires_at } };
  };
};

import { createPublicKey } from 'node:crypto';
import {
  EVENT_TYPES,
  HoldfastError,
  hostIdOf,
  type OpParsed,
  type infrastructureApi,
} from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { isStoreError, type Statement } from '@holdfast/store';
import type { InfrastructureContext } from '../config.ts';
import { hostRegistered } from '../hosts/host-events.ts';
import type { HostRegistry, HostState, HostUpdate } from '../hosts/host-registry.ts';
import { checkHostLimit, enrolledHost, fieldsOfFacts } from '../hosts/register-host.ts';
import { redeemToken, type EnrolmentGrant } from './enrolment-tokens.ts';

type EnrolInput = OpParsed<(typeof infrastructureApi)['ops']['enrolAgent']>;

const checkKey = (pem: string): void => {
  try {
    if (createPublicKey(pem).asymmetricKeyType === 'ed25519') return;
  } catch {
    // Not a key at all: refused below like a key of another kind.
  }
  throw new HoldfastError('invalid_input', { detail: 'public_key: expected Ed25519 in SPKI PEM' });
};

/** The key itself stays out of events; its fingerprint says whether it changed. */
const enrolled = (id: string, input: EnrolInput, again: boolean): EventDraft => ({
  type: EVENT_TYPES.agentEnrolled,
  subject: id,
  actor: `agent:${id}`,
  priority: again ? 'high' : 'normal',
  data: { host_id: id, version: input.version, replaced_key: again },
});

/** Trades a token for a registered key. The token is spent in the same write that registers the key. */
export const createEnrolAgent = (context: InfrastructureContext, hosts: HostRegistry) => {
  const { clock, config } = context;

  const aliasesOf = (grant: EnrolmentGrant, state?: HostState): string[] => [
    ...new Set([...(state?.record.aliases ?? []), ...(grant.alias === null ? [] : [grant.alias])]),
  ];

  /** An alias names one host: it is taken from the one that had it. */
  const releaseAlias = async (alias: string | null, keeper: string): Promise<void> => {
    const holder = alias === null ? undefined : hosts.find(alias);
    if (!holder || holder.record.id === keeper || alias === holder.record.id) return;
    await hosts.update(holder.record.id, ({ record }) => ({
      record: { aliases: record.aliases.filter((other) => other !== alias) },
    }));
  };

  const renew = (id: string, input: EnrolInput, grant: EnrolmentGrant, spend: Statement) =>
    hosts.update(id, (state): HostUpdate => {
      const again = state.publicKey !== undefined;
      return {
        record: {
          ...fieldsOfFacts(input.facts),
          aliases: aliasesOf(grant, state),
          agent: { enrolled: true, connected: false, version: input.version },
        },
        publicKey: input.public_key,
        statements: [spend],
        events: [enrolled(id, input, again)],
      };
    });

  const admit = (input: EnrolInput, grant: EnrolmentGrant, spend: Statement) => {
    checkHostLimit(hosts.all().length, config.max_hosts);
    const record = enrolledHost(input.facts, input.version, aliasesOf(grant), clock.iso());
    const host = { ...record, metrics: null, last_seen: null };
    return hosts.add(record, {
      publicKey: input.public_key,
      statements: [spend],
      events: [hostRegistered(host, `agent:${record.id}`), enrolled(record.id, input, false)],
    });
  };

  return async (input: EnrolInput): Promise<{ host: string }> => {
    const { grant, spend } = await redeemToken(context.store, input.token, clock.now());
    checkKey(input.public_key);
    const id = grant.host ?? hostIdOf(input.facts.hostname, input.facts.os_type);
    try {
      const known = hosts.find(id) !== undefined;
      await (known ? renew(id, input, grant, spend) : admit(input, grant, spend));
    } catch (error) {
      if (isStoreError(error, 'WRITE_CONFLICT')) throw new HoldfastError('enrolment_used');
      throw error;
    }
    await releaseAlias(grant.alias, id);
    return { host: id };
  };
};

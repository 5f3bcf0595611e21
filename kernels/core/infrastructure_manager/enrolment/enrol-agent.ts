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
import type { AgentChannel } from '../channel/agent-channel.ts';
import type { InfrastructureContext } from '../config.ts';
import { hostRegistered } from '../hosts/host-events.ts';
import type { HostRegistry, HostState, HostUpdate } from '../hosts/host-registry.ts';
import { checkHostLimit, enrolledHost, fieldsOfFacts } from '../hosts/register-host.ts';
import { createKeyedQueue } from '../keyed-queue.ts';
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

/** The host on which the stack itself runs, and only a kernel (the guardian) may say which one that is anew. */
const LOCAL = 'local';

const isLocalRenewal = ({ alias, created_by }: EnrolmentGrant): boolean =>
  alias === LOCAL && created_by.startsWith('kernel:');

/**
 * Trades a token for a registered key. The token is spent in the same write that registers the key. A key that is
 * there already is replaced only by a token that was made for its host.
 */
export const createEnrolAgent = (
  context: InfrastructureContext,
  hosts: HostRegistry,
  channel: Pick<AgentChannel, 'drop'>,
) => {
  const { clock, config } = context;
  // One after the other: an alias is looked up among all hosts before it is given.
  const inTurn = createKeyedQueue();

  const aliasesOf = (grant: EnrolmentGrant, state?: HostState): string[] => [
    ...new Set([...(state?.record.aliases ?? []), ...(grant.alias === null ? [] : [grant.alias])]),
  ];

  /** The host that a token is for. Throws enrolment_invalid, host_exists. */
  const hostOf = (input: EnrolInput, grant: EnrolmentGrant): string => {
    if (grant.host !== null) {
      if (hosts.find(grant.host) === undefined) throw new HoldfastError('enrolment_invalid');
      return grant.host;
    }
    const holder = grant.alias === null ? undefined : hosts.find(grant.alias);
    if (holder && isLocalRenewal(grant)) return holder.record.id;
    const id = hostIdOf(input.facts.hostname, input.facts.os_type);
    if (holder && holder.record.id !== id)
      throw new HoldfastError('host_exists', { id: holder.record.id });
    if (hosts.find(id)?.publicKey !== undefined) throw new HoldfastError('host_exists', { id });
    return id;
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

  const enrol = async (input: EnrolInput): Promise<{ host: string }> => {
    const { grant, spend } = await redeemToken(context.store, input.token, clock.now());
    checkKey(input.public_key);
    const id = hostOf(input, grant);
    try {
      const known = hosts.find(id) !== undefined;
      await (known ? renew(id, input, grant, spend) : admit(input, grant, spend));
    } catch (error) {
      if (isStoreError(error, 'WRITE_CONFLICT')) throw new HoldfastError('enrolment_used');
      throw error;
    }
    channel.drop(id);
    return { host: id };
  };

  return (input: EnrolInput): Promise<{ host: string }> => inTurn('enrol', () => enrol(input));
};

import { tripwireSet } from '@holdfast/change';
import {
  EVENT_TYPES,
  HoldfastError,
  type governanceApi,
  type Principal,
  type Quorum,
  type TripwireCase,
} from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import type { Parts } from '../context.ts';
import { isOneVoice } from '../quorum/voices-behind.ts';
import { checkSigned, refusingReplay } from '../decisions/signed-decision.ts';

type TripwireOps = Pick<
  Handlers<typeof governanceApi>,
  'getTripwires' | 'listTripwireCases' | 'releaseTripwireCase'
>;

const decodeCursor = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,15}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

/**
 * Who may release a case: voters of the covenant class where there are some, else admins (a class that was never founded
 * must not be locked by a case for good); never the author, except on the box of one person, where nobody else is there
 * (the covenant class then asks for nobody below critical risk).
 */
const checkReleaser = async (
  parts: Parts,
  one: TripwireCase,
  principal: Principal,
  key: string,
  { voters }: Quorum,
): Promise<void> => {
  const rule = parts.context.config.classes.covenant;
  if (voters.length > 0 && !voters.includes(principal.id))
    throw new HoldfastError('not_a_voter', { approver: principal.id, class: 'covenant' });
  const { personOf } = parts.identity;
  const opened = one.change === null ? undefined : await parts.changes.find(one.change);
  const author = { id: one.author, makers: opened?.notes.author_makers ?? [] };
  const isAuthor =
    (await personOf(principal.id)) === (await personOf(one.author)) ||
    (await isOneVoice(parts, author, principal.id, key));
  if (isAuthor && rule.approval_from_risk !== 'critical') throw new HoldfastError('self_approval');
};

/** The people whose word for a release stands: not of a revoked key, of who is disabled, or no voter any more. */
const standing = async (
  parts: Parts,
  releases: TripwireCase['releases'],
  { voters }: Quorum,
): Promise<Set<string>> => {
  const people = new Set<string>();
  for (const { principal, key } of releases) {
    const isVoter = voters.length === 0 || voters.includes(principal);
    const isActive = (await parts.identity.findKey(principal, key)) !== undefined;
    if (isVoter && isActive) people.add(await parts.identity.personOf(principal));
  }
  return people;
};

export const tripwireHandlers = (parts: Parts, released: () => void): TripwireOps => {
  const { clock } = parts.context;

  const release = async (
    id: string,
    principal: Principal,
    signature: Parameters<typeof checkSigned>[3],
  ): Promise<TripwireCase> => {
    const row = await parts.cases.row(id);
    const { one } = row;
    if (one.state === 'released') return one;
    const quorum = await parts.quorums.of('covenant');
    await checkReleaser(parts, one, principal, signature.key, quorum);
    const signed = { decision: 'release', subject: id, digest: one.evidence, base: '' } as const;
    const { used } = await checkSigned(parts, signed, principal, signature);
    const others = one.releases.filter((given) => given.principal !== principal.id);
    const releases = [...others, { principal: principal.id, key: signature.key, at: clock.iso() }];
    const needed = quorum.voters.length > 0 ? quorum.k : one.needed;
    const isEnough = (await standing(parts, releases, quorum)).size >= needed;
    const next: TripwireCase = {
      ...one,
      releases,
      ...(isEnough ? { state: 'released', released_at: clock.iso() } : {}),
    };
    const events = [
      {
        type: EVENT_TYPES.tripwireReleased,
        subject: `tripwires/${id}`,
        actor: principal.id,
        priority: 'critical' as const,
        data: { case: id, released: isEnough, by: releases, signature },
      },
    ];
    const thaw = isEnough ? [parts.freezes.releaseCase(id)] : [];
    await parts.cases.put(row, next, { statements: [...used, ...thaw], events });
    return next;
  };

  return {
    getTripwires: async () => tripwireSet(),
    async listTripwireCases({ limit, cursor, state }) {
      const rows = await parts.cases.list(state, decodeCursor(cursor), limit + 1);
      const shown = rows.slice(0, limit);
      return {
        items: shown.map(({ one }) => one),
        total: await parts.cases.count(state),
        next_cursor: rows.length > limit ? String(shown.at(-1)?.seq) : null,
      };
    },
    async releaseTripwireCase({ id, signature }, { principal }) {
      for (;;) {
        try {
          const one = await refusingReplay(() => release(id, principal, signature));
          if (one.state === 'released') released();
          return one;
        } catch (error) {
          if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
        }
      }
    },
  };
};

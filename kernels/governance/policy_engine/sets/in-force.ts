import { EVENT_TYPES, HoldfastError, type PolicyFile } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { Statement } from '@holdfast/store';
import type { CompiledSet } from '../cedar/compiled-set.ts';
import { SELF, type PolicyContext } from '../config.ts';
import { checkSet, readySet, requireSet } from './check-set.ts';
import type { PolicyStore, Revision } from './policy-store.ts';

/** The policies that decide. Without a `set` everything is denied, and `broken` says why. */
export interface Standing {
  readonly revision: Revision;
  readonly set: CompiledSet | undefined;
  readonly broken: string | undefined;
}

/** Why a set comes into force. */
export interface Cause {
  readonly change: string | null;
  readonly defaults_of: string | null;
  /** Written in the same commit. */
  readonly statements?: readonly Statement[];
}

export interface InForce {
  now(): Standing;
  /** Puts a set into force as a new revision. Nothing changes unless it is durable. */
  put(set: CompiledSet, cause: Cause): Promise<Standing>;
}

const appliedEvent = (
  next: Omit<Revision, 'files' | 'statements'>,
  set: CompiledSet,
  before: Revision | undefined,
): EventDraft => ({
  type: EVENT_TYPES.policyApplied,
  subject: 'policies',
  actor: SELF,
  priority: 'high',
  ...(next.change === null ? {} : { correlation: next.change }),
  data: {
    revision: next.revision,
    checksum: next.checksum,
    previous: before ? { revision: before.revision, checksum: before.checksum } : null,
    change: next.change,
    defaults_of: next.defaults_of,
    files: set.files.map(({ name }) => name).toSorted(),
    statements: set.statements.length,
  },
});

/** What is stored, ready to decide; or why it cannot be. What another version parsed is checked again in full. */
const load = async (
  context: PolicyContext,
  policies: PolicyStore,
  revision: Revision,
): Promise<Standing> => {
  const broken = (why: string): Standing => ({ revision, set: undefined, broken: why });
  const stored = await policies.find(revision.checksum);
  if (!stored) return broken(`the files of revision ${revision.revision} are not those applied`);
  if (stored.statements)
    return { revision, set: await readySet(stored.files, stored.statements), broken: undefined };
  const { set, problems } = await checkSet(stored.files, context.clock.iso());
  if (!set) {
    const [first] = problems.filter(({ severity }) => severity === 'error');
    return broken(
      `revision ${revision.revision}: ${first?.detail ?? 'it does not pass its check'}`,
    );
  }
  await context.commit([policies.save(set, SELF, context.clock.iso())]);
  return { revision, set, broken: undefined };
};

/**
 * Opens what is in force. At the first start those are the shipped defaults of the profile, as revision 1. They follow a
 * switch of the profile as long as nobody applied a set; a later version of the defaults never comes into force by itself.
 */
export const openInForce = async (
  context: PolicyContext,
  policies: PolicyStore,
  readShipped: (profile: string) => Promise<PolicyFile[]>,
): Promise<InForce> => {
  const { clock, config } = context;
  let standing: Standing | undefined;

  const put = async (set: CompiledSet, cause: Cause): Promise<Standing> => {
    const before = standing?.revision;
    const next = {
      revision: (before?.revision ?? 0) + 1,
      checksum: set.checksum,
      change: cause.change,
      defaults_of: cause.defaults_of,
      applied_at: clock.iso(),
    };
    await context.commit(
      [policies.save(set, SELF, next.applied_at), policies.add(next), ...(cause.statements ?? [])],
      [appliedEvent(next, set, before)],
    );
    const files = set.files.map(({ name }) => name).toSorted();
    const revision = { ...next, files, statements: set.statements.length };
    standing = { revision, set, broken: undefined };
    return standing;
  };

  const putDefaults = async (): Promise<Standing> => {
    const set = await requireSet(await readShipped(config.profile), clock.iso());
    return put(set, { change: null, defaults_of: config.profile });
  };

  const latest = await policies.latest();
  if (!latest) await putDefaults();
  else {
    standing = await load(context, policies, latest);
    const { defaults_of } = latest;
    if (defaults_of !== null && defaults_of !== config.profile && standing.set) await putDefaults();
  }

  return {
    now() {
      if (!standing) throw new HoldfastError('policy_revision_not_found', { revision: 'any' });
      return standing;
    },
    put,
  };
};

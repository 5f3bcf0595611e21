import { HoldfastError, type PolicyFile } from '@holdfast/contracts';
import { checksumOf, type CompiledSet } from '../cedar/compiled-set.ts';
import type { PolicyContext } from '../config.ts';
import { requireSet } from './check-set.ts';
import type { PolicyStore } from './policy-store.ts';
import { recordAttempt } from './record-attempt.ts';

/** Drafts that were never in force and are kept; the oldest go. */
export const KEPT_DRAFTS = 100;
/** New drafts of one principal in an hour. */
export const DRAFTS_AN_HOUR = 20;
const HOUR_MS = 3_600_000;

export type Stage = (files: readonly PolicyFile[], principal: string) => Promise<CompiledSet>;

/** Stores valid sets as drafts, one at a time. Who staged too many lately is refused before anything is parsed. */
export const createStaging = (context: PolicyContext, policies: PolicyStore): Stage => {
  const { store, clock } = context;
  let queue: Promise<unknown> = Promise.resolve();

  const checkRate = async (files: readonly PolicyFile[], principal: string): Promise<void> => {
    const since = new Date(clock.now() - HOUR_MS).toISOString();
    if ((await policies.stagedSince(principal, since)) < DRAFTS_AN_HOUR) return;
    if (await policies.find(checksumOf(files))) return;
    throw new HoldfastError('policy_draft_limit', { principal, most: DRAFTS_AN_HOUR });
  };

  const stage: Stage = async (files, principal) => {
    await checkRate(files, principal);
    const set = await requireSet(files, clock.iso()).catch(async (error: unknown) => {
      await recordAttempt(context, principal, error);
      throw error;
    });
    const save = policies.save(set, principal, clock.iso());
    await store.write([save, policies.dropOldDrafts(KEPT_DRAFTS)]);
    return set;
  };

  return (files, principal) => {
    const next = queue.then(() => stage(files, principal));
    queue = next.catch(() => undefined);
    return next;
  };
};

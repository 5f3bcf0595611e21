import {
  EVENT_TYPES,
  HoldfastError,
  isErrorCode,
  isHoldfastError,
  type Change,
  type governanceApi,
} from '@holdfast/contracts';
import type { Call, Handlers } from '@holdfast/sdk';
import type { Parts } from '../context.ts';
import { propose } from '../propose.ts';
import { releaseChange } from '../release.ts';
import { proposeUndo } from '../undo.ts';
import { awaitOutcome } from './await-outcome.ts';
import type { ConfigEntries } from './config-entries.ts';
import { SETTINGS_TARGET, type EntryStore } from './entry-store.ts';
import type { Json } from './merge-patch.ts';
import type { PendingFile } from './pending-file.ts';
import { refuseWeakening } from './refuse-weakening.ts';
import type { SettingsIntent } from './settings-intent.ts';
import { wantedSettings, type Wanted } from './wanted-settings.ts';

type Own = Pick<
  Handlers<typeof governanceApi>,
  'proposeConfig' | 'applyConfig' | 'revertConfig' | 'switchProfile'
>;

export interface SettingsParts {
  readonly parts: Parts;
  readonly entries: ConfigEntries;
  readonly store: EntryStore;
  readonly file: PendingFile;
}

const reasonsOf = ({ reasons }: Change): string =>
  reasons.map(({ detail }) => detail).join('; ') || 'it does not say why';

/** What a change that did not lead to its settings is refused with; undefined while it may still do so. */
const refusalOf = (change: Change): HoldfastError | undefined => {
  const { id, state, expires_at } = change;
  if (state === 'waiting' && change.held) return undefined;
  if (
    ['done', 'proposed', 'planned', 'verified', 'approved', 'applying', 'watching'].includes(state)
  )
    return undefined;
  const detail = reasonsOf(change);
  const [first] = change.reasons;
  const code = state === 'waiting' || state === 'blocked' ? first?.code : undefined;
  if (code !== undefined && isErrorCode(code))
    return new HoldfastError(code, { detail, change: id });
  if (state === 'expired') return new HoldfastError('config_expired', { change: id, expires_at });
  return new HoldfastError('config_not_applied', { change: id, state, detail });
};

/** What the caller has seen of the proposal that it wants applied. */
interface Asked {
  readonly change: string | undefined;
  readonly base_revision: string | undefined;
}

const refuseOther = (asked: string | undefined, other: string, state: string): void => {
  if (asked !== undefined && asked !== other)
    throw new HoldfastError('config_superseded', { change: asked, other, state });
};

/** Changing settings: each is a change that goes through the gate like any other. */
export const settingsHandlers = ({ parts, entries, store, file }: SettingsParts): Own => {
  const { context, changes } = parts;
  const { guardian } = context.needs;

  const born = (wanted: Wanted) => (record: { readonly change: Change }) => ({
    statements: [
      store.insert(record.change.id, {
        patch: wanted.patch,
        before: wanted.before,
        base_revision: wanted.active.revision,
      }),
    ],
    events: [
      {
        type: EVENT_TYPES.configProposed,
        subject: `changes/${record.change.id}`,
        actor: record.change.proposed_by,
        correlation: record.change.id,
        data: {
          patch: wanted.patch,
          before: wanted.before,
          base_revision: wanted.active.revision,
          dropped: wanted.dropped,
        },
      },
    ],
  });

  /** Says whose proposal is in the way, where it is one of settings. */
  const asPending = async (error: unknown): Promise<never> => {
    const pending = isHoldfastError(error, 'change_conflict') ? await entries.pending() : undefined;
    if (pending === undefined) throw error;
    const { change, author } = pending;
    throw new HoldfastError('config_pending', { change, author }, { cause: error });
  };

  const proposeSettings = async (
    draft: { op: string; request: unknown; intent: SettingsIntent; hold: boolean; ttl_s?: number },
    wanted: Wanted,
    call: Call,
  ): Promise<Change> => {
    const proposal = { ...draft, kind: 'config', target: SETTINGS_TARGET } as const;
    const change = await propose(parts, proposal, call, born(wanted)).catch(asPending);
    await file.sync();
    const refusal = refusalOf(change);
    if (refusal !== undefined) throw refusal;
    return change;
  };

  const outcome = async (id: string, wait_ms: number, call: Call): Promise<Change> => {
    const change = await awaitOutcome(parts, id, wait_ms, call.signal);
    await file.sync();
    const refusal = refusalOf(change);
    if (refusal !== undefined) throw refusal;
    return change;
  };

  /** The proposal that is to be applied, or that is being applied already; none but the one that was asked for. */
  const toApply = async (asked: Asked): Promise<Change> => {
    const held = (await store.holder())?.change;
    if (held !== undefined && held.reverts === null) {
      refuseOther(asked.change, held.id, 'pending');
      const { base_revision } = await entries.of(held);
      if ((asked.base_revision ?? base_revision) === base_revision) return held;
      throw new HoldfastError('plan_stale', { ...asked, revision: base_revision });
    }
    const [last] = await store.newest(1);
    const isLast = asked.change === undefined || asked.change === last?.change.id;
    if (held === undefined && isLast && last?.change.state === 'expired')
      throw new HoldfastError('config_expired', { expires_at: last.change.expires_at });
    throw new HoldfastError('config_nothing_pending');
  };

  const release = async (change: Change, by: string): Promise<void> => {
    if (!change.held) return;
    await store.markApplier(change.id, by);
    try {
      await releaseChange(parts, change.id, by);
    } catch (error) {
      if (!isHoldfastError(error, 'change_state')) throw error;
      const { state, expires_at } = (await changes.load(change.id)).change;
      if (state === 'expired') throw new HoldfastError('config_expired', { expires_at });
    }
  };

  return {
    async proposeConfig(input, call) {
      const { ttl_sec, base_revision, ...rest } = input;
      const patch: Json = rest;
      const op = 'proposeConfig';
      const answer = async (change: Change) => ({
        ok: true as const,
        change: change.id,
        pending: await entries.of((await changes.load(change.id)).change),
      });
      const before = await parts.idempotency.replay<Change>(call, op, input);
      if (before !== undefined) return answer(before);
      await refuseWeakening(parts, patch, call);
      const intent = { patch, ...(base_revision === undefined ? {} : { base_revision }) };
      const wanted = await wantedSettings(guardian, intent, call.signal);
      if (wanted.revision === wanted.active.revision)
        throw new HoldfastError('config_patch_invalid', { detail: 'every value is so already' });
      const ttl_s = ttl_sec ?? context.profile.config.ttl_s;
      const draft = { op, request: input, intent, hold: true, ttl_s };
      return answer(await proposeSettings(draft, wanted, call));
    },
    async applyConfig({ wait_ms, change: asked, base_revision }, call) {
      const change = await toApply({ change: asked, base_revision });
      await release(change, call.principal.id);
      const after = await outcome(change.id, wait_ms, call);
      return { ok: true, change: change.id, active: await entries.of(after) };
    },
    async revertConfig({ wait_ms, change: asked }, call) {
      const { active } = await guardian.getActiveConfig({}, { signal: call.signal });
      const last = await entries.active(active.revision);
      if (last === undefined) throw new HoldfastError('config_nothing_active');
      refuseOther(asked, last.change, 'in force');
      const undo = await proposeUndo(parts, last.change, call).catch(asPending);
      const after = await outcome(undo.id, wait_ms, call);
      if (after.state !== 'done')
        return { ok: true, change: undo.id, active: await entries.of(after) };
      const now = await guardian.getActiveConfig({}, { signal: call.signal });
      const left = await entries.active(now.active.revision);
      return { ok: true, change: undo.id, active: left ?? null };
    },
    async switchProfile({ profile, wait_ms }, call) {
      const intent = { profile };
      const wanted = await wantedSettings(guardian, intent, call.signal);
      if (wanted.profile === wanted.active.profile) {
        const { settled } = await guardian.getActiveConfig({}, { signal: call.signal });
        return { profile: wanted.profile, setupDone: settled, change: wanted.active.change };
      }
      const request = { profile };
      const draft = { op: 'switchProfile', request, intent, hold: false };
      const change = await proposeSettings(draft, wanted, call);
      const after = await outcome(change.id, wait_ms, call);
      return { profile: wanted.profile, setupDone: after.state === 'done', change: change.id };
    },
  };
};

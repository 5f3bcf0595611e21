import type { Change, ChangeState, ConfigEntry } from '@holdfast/contracts';
import type { ChangeStore } from '../change-store.ts';
import type { EntryStore, StoredEntry } from './entry-store.ts';
import { isJson, type Json } from './merge-patch.ts';
import { putParamsSchema } from './settings-intent.ts';

const STATE_OF: Readonly<Record<ChangeState, ConfigEntry['state']>> = {
  proposed: 'proposed',
  planned: 'proposed',
  verified: 'proposed',
  waiting: 'proposed',
  approved: 'proposed',
  applying: 'applying',
  watching: 'applying',
  reverting: 'applying',
  done: 'applied',
  reverted: 'reverted',
  expired: 'expired',
  rejected: 'rejected',
  cancelled: 'rejected',
  blocked: 'rejected',
  failed: 'failed',
};

/** The revision that the plan of a change leads to. */
const revisionOf = ({ plan }: Change): string | null => {
  const parsed = putParamsSchema.safeParse(plan?.steps[0]?.do.params);
  return parsed.success ? parsed.data.to : null;
};

const patchOf = ({ intent }: Change): Json => {
  if (isJson(intent['patch'])) return intent['patch'];
  return typeof intent['profile'] === 'string' ? { name: intent['profile'] } : {};
};

const seconds = (time: string): number => Date.parse(time) / 1_000;

interface Facts {
  readonly change: Change;
  readonly state: ConfigEntry['state'];
  readonly entry: Omit<StoredEntry, 'base_revision'> & { readonly base_revision: string };
}

const toEntry = ({ change, state, entry }: Facts): ConfigEntry => {
  const wasInForce = state === 'applied' || state === 'reverted';
  return {
    change: change.id,
    state,
    patch: { ...entry.patch },
    before: { ...entry.before },
    author: change.proposed_by,
    base_revision: entry.base_revision,
    revision: wasInForce ? revisionOf(change) : null,
    ts: seconds(change.created_at),
    ttl: seconds(change.expires_at),
    proposed_at: change.created_at,
    expires_at: change.expires_at,
    applied_at: wasInForce ? change.finished_at : null,
    applied_by: wasInForce ? (entry.applied_by ?? change.proposed_by) : null,
  };
};

/** Changes of settings as the configurator shows them. */
export interface ConfigEntries {
  /** Of a change of settings, or of the undo of one. */
  of(change: Change): Promise<ConfigEntry>;
  /** The proposal that waits to be applied. */
  pending(): Promise<ConfigEntry | undefined>;
  /** The last change that led to these settings and was not undone. */
  active(revision: string): Promise<ConfigEntry | undefined>;
  /** What happened last: to which change of settings, and how it stands. */
  latest(): Promise<ConfigEntry | undefined>;
  history(limit: number): Promise<ConfigEntry[]>;
}

/** How far back the change that is in force is looked for. */
const DEPTH = 1_000;

export const createConfigEntries = (
  changes: Pick<ChangeStore, 'find' | 'load'>,
  store: EntryStore,
): ConfigEntries => {
  const unsaid = (change: Change): StoredEntry => ({
    patch: patchOf(change),
    before: {},
    base_revision: change.plan?.base.revision ?? '',
    applied_by: null,
  });

  const isUndone = async ({ reverted_by }: Change): Promise<boolean> =>
    reverted_by !== null && (await changes.find(reverted_by))?.change.state === 'done';

  const ofChange = async (change: Change): Promise<ConfigEntry> => {
    const entry = (await store.find(change.id)) ?? unsaid(change);
    const state = STATE_OF[change.state];
    const undone = state === 'applied' && (await isUndone(change));
    return toEntry({ change, state: undone ? 'reverted' : state, entry });
  };

  /** The way back of another change: what that one set is what this one replaces. */
  const ofUndo = async (undo: Change, reverts: string): Promise<ConfigEntry> => {
    const { change } = await changes.load(reverts);
    const { patch, before } = (await store.find(reverts)) ?? unsaid(change);
    const base_revision = undo.plan?.base.revision ?? revisionOf(change) ?? '';
    const entry = { patch: before, before: patch, base_revision, applied_by: undo.proposed_by };
    return toEntry({ change: undo, state: STATE_OF[undo.state], entry });
  };

  const of = (change: Change): Promise<ConfigEntry> =>
    change.reverts === null ? ofChange(change) : ofUndo(change, change.reverts);

  return {
    of,
    async pending() {
      const held = (await store.holder())?.change;
      if (held === undefined || held.reverts !== null) return undefined;
      const entry = await ofChange(held);
      return entry.state === 'proposed' ? entry : undefined;
    },
    async active(revision) {
      for (const { change } of await store.newest(DEPTH)) {
        if (change.reverts !== null || change.state !== 'done' || revisionOf(change) !== revision)
          continue;
        if (!(await isUndone(change))) return ofChange(change);
      }
      return undefined;
    },
    async latest() {
      // What was refused outright came after what people wait for, and takes nothing away from it.
      const last = (await store.holder()) ?? (await store.newest(1))[0];
      if (last === undefined) return undefined;
      const { change } = last;
      return ofChange(
        change.reverts === null ? change : (await changes.load(change.reverts)).change,
      );
    },
    history: async (limit) =>
      Promise.all((await store.newest(limit)).map(({ change }) => of(change))),
  };
};

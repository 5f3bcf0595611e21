import { EVENT_TYPES, type Change, type governanceApi } from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { ENGINE } from '../change-events.ts';
import type { LocalDriver, Parts } from '../context.ts';
import { createConfigEntries } from './config-entries.ts';
import { ANNOUNCED, SETTINGS_TARGET, createEntryStore } from './entry-store.ts';
import { createPendingFile } from './pending-file.ts';
import { createSettingsDriver } from './settings-driver.ts';
import { settingsHandlers } from './settings-handlers.ts';

export { settingsMigrations } from './settings-migrations.ts';

type ConfigOps = Pick<
  Handlers<typeof governanceApi>,
  | 'proposeConfig'
  | 'applyConfig'
  | 'revertConfig'
  | 'getConfigStatus'
  | 'getConfigHistory'
  | 'getConfigProfile'
  | 'switchProfile'
>;

/** The settings of the stack: the configurator, and the driver of the changes that it makes. */
export interface Settings {
  readonly handlers: ConfigOps;
  readonly driver: LocalDriver;
  /** Takes up what a process before this one left undone: the file, and events. */
  start(): void;
  close(): Promise<void>;
}

/** A process before this one left at most what it worked on when it ended. */
const LOOK_BACK = 20;

export const createSettings = (parts: Parts): Settings => {
  const { context, changes } = parts;
  const { guardian } = context.needs;
  const { log, home, signal } = context;
  const store = createEntryStore(context);
  const entries = createConfigEntries(changes, store);
  const file = createPendingFile({ home, log, signal, latest: () => entries.latest() });
  let announcing: Promise<void> = Promise.resolve();

  const driver = createSettingsDriver({
    context,
    async planned(change, { patch, before, active }) {
      const entry = { patch, before, base_revision: active.revision };
      await context.store.write([store.insert(change, entry)]);
    },
  });

  const say = async (change: Change, from: number, to: number, type: string): Promise<void> => {
    const { patch, before, revision, author, applied_by } = await entries.of(change);
    const data = { patch, before, revision, author, applied_by, reverted_by: change.reverted_by };
    const event = {
      type,
      subject: `changes/${change.id}`,
      actor: ENGINE,
      correlation: change.id,
      data,
    };
    await context.commit([store.announce(change.id, from, to)], [event]).catch((error: unknown) => {
      // Another look at the same change was faster.
      if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
    });
  };

  /** Each change of settings is announced once when it is in force, and once when it is undone. */
  const announce = async (id: string): Promise<void> => {
    const change = (await changes.find(id))?.change;
    if (change === undefined) return;
    const entry = await entries.of(change);
    const told = await store.announced(id);
    if (told === undefined) return;
    const { nothing, applied, reverted } = ANNOUNCED;
    if (change.state === 'done' && told === nothing)
      await say(change, nothing, applied, EVENT_TYPES.configApplied);
    if (entry.state === 'reverted' && told !== reverted)
      await say(change, (await store.announced(id)) ?? told, reverted, EVENT_TYPES.configReverted);
  };

  const later = (work: () => Promise<void>): void => {
    announcing = announcing.then(work).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'announcing settings');
    });
  };

  changes.onChanged(({ change }) => {
    if (change.target['config'] !== SETTINGS_TARGET.config) return;
    file.follow();
    later(() => announce(change.reverts ?? change.id));
  });

  return {
    driver,
    handlers: {
      ...settingsHandlers({ parts, entries, store, file }),
      async getConfigStatus(_, call) {
        const { active } = await guardian.getActiveConfig({}, { signal: call.signal });
        return {
          pending: (await entries.pending()) ?? null,
          active: (await entries.active(active.revision)) ?? null,
          history_count: await store.count(),
          in_force: active,
        };
      },
      getConfigHistory: async ({ limit }) => ({
        items: await entries.history(limit),
        total: await store.count(),
      }),
      async getConfigProfile(_, call) {
        const answer = await guardian.getActiveConfig({}, { signal: call.signal });
        const { active, effective, settled } = answer;
        return {
          profile: active.profile,
          setupDone: settled,
          revision: active.revision,
          effective,
        };
      },
    },
    start() {
      file.follow();
      later(async () => {
        for (const { change } of await store.newest(LOOK_BACK))
          await announce(change.reverts ?? change.id);
      });
    },
    async close() {
      await announcing;
      await file.idle();
    },
  };
};
